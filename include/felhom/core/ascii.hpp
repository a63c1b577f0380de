// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

// Character classes of the protocols read here. <cctype> is of no use for them: it asks the locale.
namespace felhom::ascii {

[[nodiscard]] constexpr auto is_digit(char c) -> bool
{
    return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr auto is_lower(char c) -> bool
{
    return c >= 'a' && c <= 'z';
}
[[nodiscard]] constexpr auto is_upper(char c) -> bool
{
    return c >= 'A' && c <= 'Z';
}
[[nodiscard]] constexpr auto is_letter(char c) -> bool
{
    return is_lower(c) || is_upper(c);
}
[[nodiscard]] constexpr auto is_alphanumeric(char c) -> bool
{
    return is_letter(c) || is_digit(c);
}

[[nodiscard]] constexpr auto to_lower(char c) -> char
{
    return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

/// A hexadecimal digit as programs write it, without capitals.
[[nodiscard]] constexpr auto is_lower_hex(char c) -> bool
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}
[[nodiscard]] constexpr auto is_hex(char c) -> bool
{
    return is_lower_hex(to_lower(c));
}

/// Whether the text has a hexadecimal digit wherever the shape has an x, and elsewhere what the shape has.
[[nodiscard]] constexpr auto is_hex_in_shape(std::string_view text, std::string_view shape) -> bool
{
    return std::ranges::equal(text, shape, [](char c, char in) { return in == 'x' ? is_hex(c) : c == in; });
}

[[nodiscard]] inline auto to_lower(std::string_view text) -> std::string
{
    auto lower = std::string{text};
    for (auto& c : lower) {
        c = to_lower(c);
    }
    return lower;
}

/// Whether the text begins with this, which is in lower case; the text need not be.
[[nodiscard]] constexpr auto starts_with_in_any_case(std::string_view text, std::string_view lower) -> bool
{
    return std::ranges::equal(text.substr(0, lower.size()), lower, {}, [](char c) { return to_lower(c); });
}

} // namespace felhom::ascii
