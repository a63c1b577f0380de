// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/overloaded.hpp>

#include <date/date.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>

namespace felhom::net {

/// When a server wants to be asked again: after a while, or at a time.
using retry_after = std::variant<std::chrono::seconds, std::chrono::sys_seconds>;

namespace detail {

/// A text that is this format and nothing more.
[[nodiscard]] inline auto parse_date(std::string_view text, const char* format)
    -> std::optional<std::chrono::sys_seconds>
{
    auto in = std::istringstream{std::string{text}};
    auto time = std::chrono::sys_seconds{};
    in >> date::parse(format, time);
    const auto whole = !in.fail() && in.peek() == std::istringstream::traits_type::eof();
    return whole ? std::optional{time} : std::nullopt;
}

} // namespace detail

/// A date in any of the three forms of RFC 9110 section 5.6.7, which a Date header has, too.
[[nodiscard]] inline auto parse_http_date(std::string_view text) -> std::optional<std::chrono::sys_seconds>
{
    for (const auto* const format : {"%a, %d %b %Y %T GMT", "%a, %d-%b-%y %T GMT", "%a %b %e %T %Y"}) {
        if (const auto time = detail::parse_date(text, format)) {
            return time;
        }
    }
    return std::nullopt;
}

/// The value of a Retry-After header: a number of seconds, or a date. Nothing for what is neither.
[[nodiscard]] inline auto parse_retry_after(std::string_view value) -> std::optional<retry_after>
{
    static constexpr auto longest = std::uint64_t{1} << 31U;
    const auto begin = value.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        return std::nullopt;
    }
    const auto text = value.substr(begin, value.find_last_not_of(" \t\r\n") - begin + 1);
    if (std::ranges::all_of(text, ascii::is_digit)) {
        const auto number = parse_decimal<std::uint64_t>(text).value_or(longest); // more than 64 bits is long, too
        return std::chrono::seconds{static_cast<std::int64_t>(std::min(number, longest))};
    }
    const auto time = parse_http_date(text);
    return time ? std::optional<retry_after>{*time} : std::nullopt;
}

/// How long to wait from now on; never less than nothing.
[[nodiscard]] inline auto delay_until(const retry_after& when, instant now) -> std::chrono::milliseconds
{
    return std::visit(
        overloaded{
            [](std::chrono::seconds delay) { return std::chrono::milliseconds{delay}; },
            [&](std::chrono::sys_seconds time) { return std::max(std::chrono::milliseconds{0}, instant{time} - now); },
        },
        when);
}

} // namespace felhom::net
