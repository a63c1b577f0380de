// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/printable.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace felhom::present {

/// The escape sequences that mark parts of a text; all empty where colour is not wanted.
struct text_style {
    std::string_view strong;
    std::string_view added;
    std::string_view changed;
    std::string_view warned;
    std::string_view faint;
    std::string_view plain;
};

inline constexpr auto no_colour = text_style{};
inline constexpr auto terminal_colour = text_style{.strong = "\x1b[1m",
                                                   .added = "\x1b[32m",
                                                   .changed = "\x1b[33m",
                                                   .warned = "\x1b[31m",
                                                   .faint = "\x1b[2m",
                                                   .plain = "\x1b[0m"};

/// How a text for people is laid out.
struct text_format {
    text_style style = no_colour;
    std::optional<std::size_t> width = std::nullopt; ///< in columns; nothing: no line is cut or broken
};

/// The text in one of these colours.
[[nodiscard]] inline auto coloured(std::string_view colour, std::string_view text, const text_style& style)
    -> std::string
{
    return text.empty() ? std::string{} : std::string{colour}.append(text).append(style.plain);
}

/// How many columns a printable text takes, were each of its characters one wide.
[[nodiscard]] inline auto columns_of(std::string_view text) -> std::size_t
{
    static constexpr auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

/// Filled up with blanks to that width; a longer one stays whole.
[[nodiscard]] inline auto padded(std::string text, std::size_t width) -> std::string
{
    const auto columns = columns_of(text);
    text.append(width > columns ? width - columns : 0, ' ');
    return text;
}

/// Made printable, and cut only where it would take more columns than there are.
[[nodiscard]] inline auto printable_within(std::string_view text, std::optional<std::size_t> columns) -> std::string
{
    auto whole = printable(text, std::numeric_limits<std::size_t>::max());
    const auto fits = !columns || columns_of(whole) <= *columns;
    return fits ? whole : printable(text, *columns == 0 ? 0 : *columns - 1); // the last column is the ellipsis's
}

/// "1 guest", "2 guests".
[[nodiscard]] inline auto count(std::size_t number, std::string_view one, std::string_view many) -> std::string
{
    return std::to_string(number) + " " + std::string{number == 1 ? one : many};
}

} // namespace felhom::present
