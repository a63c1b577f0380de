// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>

#include <algorithm>
#include <string_view>

/// The shapes of texts in a container's configuration (pve-common PVE/JSONSchema.pm, pve-container PVE/LXC/Config.pm).
namespace felhom::lxc {

[[nodiscard]] constexpr auto is_any(std::string_view /*text*/) -> bool
{
    return true;
}

/// A text without control characters.
[[nodiscard]] constexpr auto is_line(std::string_view text) -> bool
{
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7F'; });
}

[[nodiscard]] constexpr auto is_name_word(std::string_view text) -> bool
{
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return ascii::is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
    });
}

/// A DNS name: labels of letters, digits and inner hyphens, joined with dots. Proxmox VE sets no limit to a label.
[[nodiscard]] constexpr auto is_dns_name(std::string_view text) -> bool
{
    auto before = '.';
    for (const auto c : text) {
        const auto hyphen = c == '-';
        if ((c == '.' && !ascii::is_alphanumeric(before)) || (hyphen && before == '.')
            || (!ascii::is_alphanumeric(c) && !hyphen && c != '.')) {
            return false;
        }
        before = c;
    }
    return ascii::is_alphanumeric(before);
}

/// Elements between blanks, commas and semicolons; at least one.
template <bool (*IsElement)(std::string_view)>
[[nodiscard]] constexpr auto is_list_of(std::string_view text) -> bool
{
    constexpr auto separators = std::string_view{" ,;"};
    auto any = false;
    while (!text.empty()) {
        const auto element = text.substr(0, text.find_first_of(separators));
        text.remove_prefix(element.size() == text.size() ? element.size() : element.size() + 1);
        if (element.empty()) {
            continue;
        }
        if (!IsElement(element)) {
            return false;
        }
        any = true;
    }
    return any;
}

/// Elements with one separator between two of them.
template <bool (*IsElement)(std::string_view), char Separator>
[[nodiscard]] constexpr auto is_joined(std::string_view text) -> bool
{
    while (true) {
        const auto end = text.find(Separator);
        if (!IsElement(text.substr(0, end))) {
            return false;
        }
        if (end == std::string_view::npos) {
            return true;
        }
        text.remove_prefix(end + 1);
    }
}

[[nodiscard]] constexpr auto is_digits(std::string_view text) -> bool
{
    return !text.empty() && std::ranges::all_of(text, ascii::is_digit);
}

[[nodiscard]] constexpr auto is_tag(std::string_view text) -> bool
{
    const auto inner = [](char c) { return ascii::is_alphanumeric(c) || c == '_' || c == '.' || c == '+' || c == '-'; };
    return !text.empty() && (ascii::is_alphanumeric(text.front()) || text.front() == '_')
           && std::ranges::all_of(text, inner);
}

/// "host", or a name in the database of time zones, which all begin with a letter.
[[nodiscard]] constexpr auto is_time_zone(std::string_view text) -> bool
{
    const auto inner = [](char c) { return ascii::is_alphanumeric(c) || c == '/' || c == '_' || c == '-' || c == '+'; };
    return !text.empty() && ascii::is_letter(text.front()) && std::ranges::all_of(text, inner);
}

/// A variable of the environment.
[[nodiscard]] constexpr auto is_assignment(std::string_view text) -> bool
{
    const auto equals = text.find('=');
    return equals != std::string_view::npos && equals > 0 && is_line(text)
           && std::ranges::all_of(text.substr(0, equals), [](char c) { return ascii::is_alphanumeric(c) || c == '_'; });
}

[[nodiscard]] constexpr auto is_volume_id(std::string_view text) -> bool
{
    const auto colon = text.find(':');
    return colon != std::string_view::npos && colon >= 2 && colon + 1 < text.size() && ascii::is_letter(text.front())
           && ascii::is_alphanumeric(text[colon - 1]) && is_name_word(text.substr(0, colon)) && is_line(text);
}

} // namespace felhom::lxc
