// SPDX-License-Identifier: Apache-2.0
#include "sim/api/text.hpp"

#include <felhom/core/ascii.hpp>
#include <felhom/core/decimal.hpp>

#include <algorithm>

namespace felhom::sim {

namespace {

constexpr auto hex_digits = std::string_view{"0123456789ABCDEF"};

auto upper(char c) -> char
{
    return ascii::is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

} // namespace

auto split(std::string_view text, std::string_view separators) -> std::vector<std::string>
{
    auto parts = std::vector<std::string>{};
    while (!text.empty()) {
        const auto end = text.find_first_of(separators);
        if (end != 0) {
            parts.emplace_back(text.substr(0, end));
        }
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return parts;
}

auto split_list(std::string_view text) -> std::vector<std::string>
{
    using namespace std::string_view_literals;
    return split(text, ",; \t\r\n\0"sv);
}

auto joined(const std::vector<std::string>& parts, std::string_view separator) -> std::string
{
    auto text = std::string{};
    for (const auto& part : parts) {
        text += (text.empty() ? "" : std::string{separator}) + part;
    }
    return text;
}

auto percent_decoded(std::string_view text, bool plus_is_blank) -> std::string
{
    auto decoded = std::string{};
    decoded.reserve(text.size());
    for (auto at = std::size_t{0}; at < text.size(); ++at) {
        if (text[at] == '%' && at + 2 < text.size()) {
            const auto high = hex_digits.find(upper(text[at + 1]));
            const auto low = hex_digits.find(upper(text[at + 2]));
            if (high != std::string_view::npos && low != std::string_view::npos) {
                decoded += static_cast<char>((high << 4U) | low);
                at += 2;
                continue;
            }
        }
        decoded += text[at] == '+' && plus_is_blank ? ' ' : text[at];
    }
    return decoded;
}

auto hexadecimal(std::uint64_t number, std::size_t digits) -> std::string
{
    auto text = std::string{};
    for (; number != 0 || text.size() < digits; number >>= 4U) {
        text.insert(text.begin(), hex_digits[number & 0xFU]);
    }
    return text;
}

auto is_decimal(std::string_view text) -> bool
{
    return !text.empty() && std::ranges::all_of(text, ascii::is_digit);
}

auto number_of(std::string_view text) -> std::int64_t
{
    return parse_decimal<std::int64_t>(text).value_or(0);
}

auto characters(std::string_view utf8) -> std::size_t
{
    const auto starts_one = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    return static_cast<std::size_t>(std::ranges::count_if(utf8, starts_one));
}

} // namespace felhom::sim
