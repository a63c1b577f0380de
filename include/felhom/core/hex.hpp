// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace felhom {

enum class hex_letters { lower, upper };

/// Appends the two hexadecimal digits of a byte.
inline void append_hex(std::string& text, unsigned char byte, hex_letters letters = hex_letters::lower)
{
    const auto digits = std::string_view{letters == hex_letters::lower ? "0123456789abcdef" : "0123456789ABCDEF"};
    text += digits[byte >> 4U];
    text += digits[byte & 0xfU];
}

/// What a hexadecimal digit of either case is worth; nothing for any other character.
[[nodiscard]] constexpr auto hex_value(char digit) -> std::optional<unsigned>
{
    if (digit >= '0' && digit <= '9') {
        return static_cast<unsigned>(digit - '0');
    }
    if (digit >= 'a' && digit <= 'f') {
        return static_cast<unsigned>(digit - 'a') + 10U;
    }
    if (digit >= 'A' && digit <= 'F') {
        return static_cast<unsigned>(digit - 'A') + 10U;
    }
    return std::nullopt;
}

} // namespace felhom
