// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/hub/envelope.hpp>
#include <felhom/hub/hub_call.hpp>
#include <felhom/hub/hub_error.hpp>
#include <felhom/hub/kept_desired.hpp>
#include <felhom/hub/op_results.hpp>
#include <felhom/hub/report_loop.hpp>
#include <felhom/hub/signed_ops.hpp>
#include <felhom/net/etag.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::hub {

/// The hub still has the version that was named.
struct not_modified {
    friend auto operator==(const not_modified&, const not_modified&) -> bool = default;
};

/// The hub knows this host, and has no desired state for it.
struct no_desired_state {
    friend auto operator==(const no_desired_state&, const no_desired_state&) -> bool = default;
};

using desired_answer = std::variant<desired_document, not_modified, no_desired_state>;

namespace detail {

inline constexpr auto ok = 200;
inline constexpr auto unmodified = 304;

[[nodiscard]] constexpr auto is_success(int status) -> bool
{
    return status >= 200 && status < 300;
}

/// The document of an answer with status 200: no other one brings what was asked for, and none is followed elsewhere.
template <typename Parse>
[[nodiscard]] auto understand(const hub_exchanged& answer, Parse parse)
    -> tl::expected<typename decltype(parse(std::string_view{}))::value_type, hub_error>
{
    if (!answer) {
        return tl::unexpected<hub_error>(answer.error());
    }
    if (answer->status != ok) {
        return tl::unexpected<hub_error>(http_error_of(*answer));
    }
    return parse(std::string_view{answer->body}).map_error([](json_error why) {
        return hub_error{unusable_answer{std::move(why)}};
    });
}

/// Whether an answer is that of a hub that has no desired state. A 404 of anything else that serves there is none.
[[nodiscard]] inline auto says_no_desired_state(const hub_answer& answer) -> bool
{
    static constexpr auto not_found = 404;
    const auto code =
        read_json(answer.body, envelope_limits, [](const json_node& root) { return read_string(root["error"]); });
    return answer.status == not_found && code && *code == "no_desired_state";
}

/// A name that is malformed is none.
[[nodiscard]] inline auto tag_of(const hub_answer& answer) -> std::optional<net::etag>
{
    if (!answer.tag) {
        return std::nullopt;
    }
    auto tag = net::etag::parse(*answer.tag);
    return tag ? std::optional{*std::move(tag)} : std::nullopt;
}

} // namespace detail

/// The answer to hub_api::host_report. With any success the hub has the report, whatever its body says: an unusable
/// answer is an error of the envelope alone.
[[nodiscard]] inline auto read_envelope(const hub_exchanged& answer, const control_envelope& in_force)
    -> tl::expected<control_envelope, hub_error>
{
    if (!answer) {
        return tl::unexpected<hub_error>(answer.error());
    }
    if (!detail::is_success(answer->status)) {
        return tl::unexpected<hub_error>(http_error_of(*answer));
    }
    return parse_envelope(answer->body, in_force).map_error([](json_error why) {
        return hub_error{unusable_answer{std::move(why)}};
    });
}

/// The answer to hub_api::signed_ops.
[[nodiscard]] inline auto read_signed_ops(const hub_exchanged& answer)
    -> tl::expected<std::vector<std::string>, hub_error>
{
    return detail::understand(answer, parse_signed_ops);
}

/// The answer to hub_api::op_results.
[[nodiscard]] inline auto read_accepted_results(const hub_exchanged& answer)
    -> tl::expected<std::vector<sha256_digest>, hub_error>
{
    return detail::understand(answer, parse_accepted_results);
}

/// The answer to hub_api::desired_state. The document is taken as it is: it has a parser of its own.
[[nodiscard]] inline auto read_desired(hub_exchanged answer) -> tl::expected<desired_answer, hub_error>
{
    if (!answer) {
        return tl::unexpected<hub_error>(answer.error());
    }
    if (answer->status == detail::unmodified) {
        return not_modified{};
    }
    if (detail::says_no_desired_state(*answer)) {
        return no_desired_state{};
    }
    if (answer->status != detail::ok) {
        return tl::unexpected<hub_error>(http_error_of(*answer));
    }
    auto tag = detail::tag_of(*answer);
    return desired_document{.text = std::move(answer->body), .tag = std::move(tag)};
}

/// What the sending of a report came to, for the loop. A report is not sent again because its answer is not understood.
/// A hub that finds fault with this one report (its form, its size) will find it again; with anything else the report
/// may be sent again.
[[nodiscard]] inline auto outcome_of(const tl::expected<control_envelope, hub_error>& answer, instant now)
    -> report_outcome
{
    static constexpr auto faults = std::array{400, 413, 415, 422};
    if (answer) {
        return report_accepted{answer->poll_interval};
    }
    if (std::holds_alternative<unusable_answer>(answer.error())) {
        return report_accepted{std::nullopt};
    }
    const auto* const http = std::get_if<http_error>(&answer.error());
    if (http != nullptr && std::ranges::find(faults, http->status) != faults.end()) {
        return report_refused{};
    }
    return report_postponed{wish_of(answer.error(), now)};
}

} // namespace felhom::hub
