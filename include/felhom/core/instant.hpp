// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/core/parse_error.hpp>

#include <tl/expected.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace felhom {

/// A point in time on the wall clock, in milliseconds UTC. Times come into the core as values of this type.
using instant = std::chrono::sys_time<std::chrono::milliseconds>;

namespace detail {

/// Whether every d of the pattern is a digit in the text, and every other character itself.
[[nodiscard]] constexpr auto fits(std::string_view text, std::string_view pattern) -> bool
{
    if (text.size() != pattern.size()) {
        return false;
    }
    for (auto at = std::size_t{0}; at < text.size(); ++at) {
        if (pattern[at] == 'd' ? !ascii::is_digit(text[at]) : text[at] != pattern[at]) {
            return false;
        }
    }
    return true;
}

/// The number that a few digits stand for.
[[nodiscard]] constexpr auto number_of(std::string_view digits) -> int
{
    auto number = 0;
    for (const auto digit : digits) {
        number = number * 10 + (digit - '0');
    }
    return number;
}

/// "+hh:mm" or "-hh:mm", of the form that fits; nothing beyond 23:59.
[[nodiscard]] constexpr auto offset_of(std::string_view zone) -> std::optional<std::chrono::minutes>
{
    const auto hours = number_of(zone.substr(1, 2));
    const auto minutes = number_of(zone.substr(4, 2));
    if (hours > 23 || minutes > 59) {
        return std::nullopt;
    }
    const auto size = std::chrono::hours{hours} + std::chrono::minutes{minutes};
    return zone.front() == '-' ? -size : size;
}

} // namespace detail

/// Reads an RFC 3339 date-time with any zone offset: "2026-11-23T14:05:00+01:00", "2026-11-23T13:05:00.5Z". Digits
/// beyond milliseconds are cut off. Local times, leap seconds and RFC 3339's lower-case or blank separators are
/// refused.
[[nodiscard]] inline auto parse_instant(std::string_view text) -> tl::expected<instant, parse_error>
{
    const auto refused = [&] {
        return tl::unexpected(parse_error{.what = "time",
                                          .rule = "an RFC 3339 time with a zone, such as 2026-11-23T13:05:00Z",
                                          .got = std::string{text}});
    };
    static constexpr auto shape = std::string_view{"dddd-dd-ddTdd:dd:dd"};
    if (!detail::fits(text.substr(0, shape.size()), shape)) {
        return refused();
    }
    auto rest = text.substr(shape.size());
    auto milliseconds = std::chrono::milliseconds{0};
    if (rest.starts_with('.')) {
        const auto digits = rest.substr(1, rest.find_first_not_of("0123456789", 1) - 1);
        rest.remove_prefix(1 + digits.size());
        if (digits.empty()) {
            return refused();
        }
        auto scale = 100;
        for (const auto digit : digits.substr(0, 3)) {
            milliseconds += std::chrono::milliseconds{(digit - '0') * scale};
            scale /= 10;
        }
    }
    auto zone = std::optional{std::chrono::minutes{0}};
    if (rest != "Z") {
        zone = detail::fits(rest, "+dd:dd") || detail::fits(rest, "-dd:dd") ? detail::offset_of(rest) : std::nullopt;
    }
    const auto number = [&](std::size_t at, std::size_t size) { return detail::number_of(text.substr(at, size)); };
    const auto day = std::chrono::year{number(0, 4)} / number(5, 2) / number(8, 2);
    const auto hours = number(11, 2);
    const auto minutes = number(14, 2);
    const auto seconds = number(17, 2);
    if (!zone || !day.ok() || hours > 23 || minutes > 59 || seconds > 59) {
        return refused();
    }
    return instant{std::chrono::sys_days{day} + std::chrono::hours{hours} + std::chrono::minutes{minutes}
                   + std::chrono::seconds{seconds} + milliseconds - *zone};
}

namespace detail {

/// At least so many digits of a number that is not negative.
inline void append_padded(std::size_t digits, unsigned number, std::string& out)
{
    const auto begin = out.size();
    append_decimal(number, out);
    if (const auto written = out.size() - begin; written < digits) {
        out.insert(begin, digits - written, '0');
    }
}

} // namespace detail

/// Writes the RFC 3339 text of a time in UTC behind a text, with as many decimals as it needs: none, or three.
inline void append_rfc3339(instant time, std::string& out)
{
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const auto date = std::chrono::year_month_day{midnight};
    const auto of_day = std::chrono::hh_mm_ss{time - midnight};
    const auto append = [&out](std::size_t digits, auto number, std::string_view behind) {
        detail::append_padded(digits, static_cast<unsigned>(number), out);
        out += behind;
    };
    const auto year = static_cast<int>(date.year());
    out += year < 0 ? "-" : "";
    append(4, year < 0 ? -year : year, "-");
    append(2, static_cast<unsigned>(date.month()), "-");
    append(2, static_cast<unsigned>(date.day()), "T");
    append(2, of_day.hours().count(), ":");
    append(2, of_day.minutes().count(), ":");
    append(2, of_day.seconds().count(), of_day.subseconds().count() == 0 ? "Z" : ".");
    if (of_day.subseconds().count() != 0) {
        append(3, of_day.subseconds().count(), "Z");
    }
}

/// The RFC 3339 text of a time in UTC.
[[nodiscard]] inline auto to_rfc3339(instant time) -> std::string
{
    auto text = std::string{};
    append_rfc3339(time, text);
    return text;
}

} // namespace felhom
