// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/hub/hub_call.hpp>
#include <felhom/net/retry_after.hpp>
#include <felhom/net/transport_error.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace felhom::hub {

/// The hub answered with something other than what was asked for.
struct http_error {
    int status;
    std::string reason;
    std::optional<net::retry_after> retry_after = std::nullopt;
    std::optional<std::string> points_to = std::nullopt; ///< of a redirect, which is not followed

    static constexpr auto code = std::string_view{"http_error"};
    [[nodiscard]] auto describe() const -> std::string
    {
        const auto said =
            "the hub answered " + std::to_string(status) + (reason.empty() ? "" : " " + printable(reason));
        return points_to ? said + ", a redirect to " + printable(*points_to, 500) + ", which is not followed" : said;
    }
    friend auto operator==(const http_error&, const http_error&) -> bool = default;
};

/// The answer is not the document that it should be.
struct unusable_answer {
    json_error why;

    static constexpr auto code = std::string_view{"unusable_answer"};
    [[nodiscard]] auto describe() const -> std::string
    {
        return "the hub's answer is not understood: " + felhom::describe(why);
    }
    friend auto operator==(const unusable_answer&, const unusable_answer&) -> bool = default;
};

/// A call to the hub that brought nothing.
using hub_error = std::variant<net::transport_error, http_error, unusable_answer>;

/// The stable name of an error, for programs.
[[nodiscard]] inline auto code_of(const hub_error& error) -> std::string_view
{
    return told<std::string_view>(
        error, overloaded{[](const auto& one) { return std::remove_cvref_t<decltype(one)>::code; },
                          [](const net::transport_error&) { return std::string_view{"transport_error"}; }});
}

[[nodiscard]] inline auto describe(const hub_error& error) -> std::string
{
    return told<std::string>(error, overloaded{[](const auto& of_hub) { return of_hub.describe(); },
                                               [](const net::transport_error& e) { return net::describe(e); }});
}

/// The error that an answer with this status is.
[[nodiscard]] inline auto http_error_of(const hub_answer& answer) -> http_error
{
    const auto is_redirect = answer.status >= 300 && answer.status < 400;
    return {.status = answer.status,
            .reason = answer.reason,
            .retry_after = answer.retry_after ? net::parse_retry_after(*answer.retry_after) : std::nullopt,
            .points_to = is_redirect ? answer.location : std::nullopt};
}

/// How long the hub wants not to be asked, if it said so.
[[nodiscard]] inline auto wish_of(const hub_error& error, instant now) -> std::optional<std::chrono::milliseconds>
{
    const auto* const http = std::get_if<http_error>(&error);
    return http != nullptr && http->retry_after ? std::optional{net::delay_until(*http->retry_after, now)}
                                                : std::nullopt;
}

} // namespace felhom::hub
