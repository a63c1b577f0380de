// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/utf8.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace felhom {

/// What becomes of a text beyond printable ASCII.
enum class json_escape {
    least,    ///< as it is, but for the control characters: RFC 8785 section 3.2.2.2
    repaired, ///< the same in UTF-8: bytes that belong to no character become U+FFFD
    ascii,    ///< an escape each, so that nothing splits lines for some reader, or commands a terminal
};

namespace detail {

inline void append_json_unit(std::string& out, std::uint32_t unit)
{
    static constexpr auto digits = std::string_view{"0123456789abcdef"};
    out += "\\u";
    for (const auto shift : {12U, 8U, 4U, 0U}) {
        out += digits[(unit >> shift) & 0xfU];
    }
}

/// Writes an ASCII character that does not stand in a string as it is.
inline void append_json_control(std::string& out, char c)
{
    static constexpr auto escaped = std::string_view{"\"\\\b\t\n\f\r"};
    static constexpr auto letters = std::string_view{"\"\\btnfr"};
    if (const auto at = escaped.find(c); at != std::string_view::npos) {
        out += '\\';
        out += letters[at];
    } else {
        append_json_unit(out, static_cast<unsigned char>(c));
    }
}

/// Writes the character at the front of a text, which is not ASCII, and answers how many bytes it took.
[[nodiscard]] inline auto append_json_character(std::string& out, std::string_view text, json_escape escape)
    -> std::size_t
{
    static constexpr auto replacement = std::uint32_t{0xfffd};
    const auto [code, size] = utf8::first_of(text);
    const auto point = size == 0 ? replacement : code;
    if (escape == json_escape::repaired) {
        out += size == 0 ? std::string_view{"\xEF\xBF\xBD"} : text.substr(0, size);
    } else if (point > 0xffffU) {
        append_json_unit(out, 0xd800U + ((point - 0x10000U) >> 10U));
        append_json_unit(out, 0xdc00U + ((point - 0x10000U) & 0x3ffU));
    } else {
        append_json_unit(out, point);
    }
    return size == 0 ? 1 : size;
}

} // namespace detail

/// Writes a text as a JSON string, with its quotes.
inline void append_json_string(std::string& out, std::string_view text, json_escape escape)
{
    const auto is_plain = [escape](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20U && c != '"' && c != '\\' && (byte < 0x7fU || escape == json_escape::least);
    };
    out += '"';
    while (!text.empty()) {
        auto plain = std::size_t{0};
        while (plain < text.size() && is_plain(text[plain])) {
            ++plain;
        }
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) {
            break;
        }
        if (static_cast<unsigned char>(text.front()) < 0x80U) {
            detail::append_json_control(out, text.front());
            text.remove_prefix(1);
        } else {
            text.remove_prefix(detail::append_json_character(out, text, escape));
        }
    }
    out += '"';
}

/// Writes a finite number: the shortest text that reads back as the same, in plain decimal where that is not long.
inline void append_json_number(std::string& out, double number)
{
    static constexpr auto least_plain = 1e-6;
    static constexpr auto beyond_plain = 1e15;
    const auto size = std::abs(number);
    if (size != 0 && (size < least_plain || size >= beyond_plain)) {
        append_decimal(number, out);
        return;
    }
    auto digits = std::array<char, 40>{};
    const auto written =
        std::to_chars(std::to_address(digits.begin()), std::to_address(digits.end()), number, std::chars_format::fixed);
    out.append(digits.data(), written.ptr);
}

} // namespace felhom
