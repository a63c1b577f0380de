#pragma once

#include <algorithm>
#include <cstddef>
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

/// The text in one of these colours.
[[nodiscard]] inline auto coloured(std::string_view colour, std::string_view text, const text_style& style)
    -> std::string
{
    return std::string{colour}.append(text).append(style.plain);
}

/// Filled up with blanks to that width; a longer one stays whole.
[[nodiscard]] inline auto padded(std::string text, std::size_t width) -> std::string
{
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

/// "1 guest", "2 guests".
[[nodiscard]] inline auto count(std::size_t number, std::string_view one, std::string_view many) -> std::string
{
    return std::to_string(number) + " " + std::string{number == 1 ? one : many};
}

} // namespace felhom::present
