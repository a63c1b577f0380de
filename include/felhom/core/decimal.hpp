// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace felhom {

namespace detail {

/// What std::from_chars makes of a text, if it makes something of all of it.
template <typename Number, typename... Base>
[[nodiscard]] auto parse_number(std::string_view text, Base... base) -> std::optional<Number>
{
    auto number = Number{};
    const auto* const end = std::to_address(text.end());
    const auto [stopped, status] = std::from_chars(std::to_address(text.begin()), end, number, base...);
    return status == std::errc{} && stopped == end ? std::optional{number} : std::nullopt;
}

} // namespace detail

/// The number that a whole text is: digits, with a minus before them where the type has one. Nothing for a number that
/// the type cannot hold.
template <std::integral Number>
[[nodiscard]] auto parse_decimal(std::string_view text) -> std::optional<Number>
{
    return detail::parse_number<Number>(text);
}

/// The same with a fraction and an exponent; "inf" and "nan" are numbers too.
template <std::floating_point Number>
[[nodiscard]] auto parse_decimal(std::string_view text) -> std::optional<Number>
{
    return detail::parse_number<Number>(text);
}

/// The number that a whole text of hexadecimal digits of either case is.
template <std::unsigned_integral Number>
[[nodiscard]] auto parse_hexadecimal(std::string_view text) -> std::optional<Number>
{
    static constexpr auto base = 16;
    return detail::parse_number<Number>(text, base);
}

/// Writes a number behind a text, allocating no other.
template <std::integral Number>
void append_decimal(Number number, std::string& out)
{
    auto digits = std::array<char, 24>{}; // 64 bits take 20 characters
    const auto written = std::to_chars(std::to_address(digits.begin()), std::to_address(digits.end()), number);
    out.append(digits.data(), written.ptr);
}

/// The same for a number with a fraction: the shortest text that reads back as the same number.
template <std::floating_point Number>
void append_decimal(Number number, std::string& out)
{
    auto digits = std::array<char, 32>{}; // the shortest text of a double takes 24 characters
    const auto written = std::to_chars(std::to_address(digits.begin()), std::to_address(digits.end()), number);
    out.append(digits.data(), written.ptr);
}

/// The same without an exponent, however many zeros that takes.
inline void append_plain_decimal(double number, std::string& out)
{
    static constexpr auto longest = std::size_t{1100}; // of the least double
    auto digits = std::array<char, longest>{};
    const auto written =
        std::to_chars(std::to_address(digits.begin()), std::to_address(digits.end()), number, std::chars_format::fixed);
    out.append(digits.data(), written.ptr);
}

} // namespace felhom
