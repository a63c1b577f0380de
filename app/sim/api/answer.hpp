// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::sim {

namespace json = boost::json;

/// A call that succeeded: what stands under "data", and "total" where PVE sends it.
struct reply {
    json::value data = nullptr;
    std::optional<std::int64_t> total = std::nullopt;
    std::chrono::milliseconds delay{};
};

using parameter_errors = std::vector<std::pair<std::string, std::string>>;

/// A call that failed. The message may have several lines: its first one becomes the reason phrase.
struct refusal {
    int status;
    std::string message;
    parameter_errors errors = {};
    std::chrono::milliseconds delay{};

    friend auto operator==(const refusal&, const refusal&) -> bool = default;
};

using answer = tl::expected<reply, refusal>;

/// What Perl's die() becomes: 500 with the text.
[[nodiscard]] inline auto died(std::string text) -> tl::unexpected<refusal>
{
    return tl::unexpected(refusal{.status = 500, .message = std::move(text) + "\n"});
}

[[nodiscard]] inline auto invalid(parameter_errors errors) -> tl::unexpected<refusal>
{
    return tl::unexpected(
        refusal{.status = 400, .message = "Parameter verification failed.\n", .errors = std::move(errors)});
}

[[nodiscard]] inline auto forbidden(const std::string& detail) -> tl::unexpected<refusal>
{
    return tl::unexpected(refusal{
        .status = 403, .message = "Permission check failed" + (detail.empty() ? "" : " (" + detail + ")") + "\n"});
}

} // namespace felhom::sim
