#pragma once

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

[[nodiscard]] inline auto to_lower(std::string_view text) -> std::string
{
    auto lower = std::string{text};
    for (auto& c : lower) {
        c = to_lower(c);
    }
    return lower;
}

} // namespace felhom::ascii
