// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/lxc/text_shape.hpp>
#include <felhom/proxmox/model/property_string.hpp>

#include <algorithm>
#include <string_view>

/// What a person may write as a desired value, beyond what the schema admits. Proxmox VE takes the rest without a word,
/// but it would not do what was meant.
namespace felhom::lxc {

struct desired_check {
    std::string_view expected = {}; ///< to be read after "expected"; empty: what the kind of the value says
    bool (*accepts)(std::string_view text) = is_any;
};

[[nodiscard]] constexpr auto has_no_nul(std::string_view text) -> bool
{
    return text.find('\0') == std::string_view::npos;
}

[[nodiscard]] constexpr auto has_no_blank(std::string_view text) -> bool
{
    return text.find(' ') == std::string_view::npos;
}

/// RFC 1123: a label has at most 63 characters.
[[nodiscard]] constexpr auto has_short_labels(std::string_view text) -> bool
{
    while (true) {
        const auto end = text.find_first_of(". ,;");
        if (text.substr(0, end).size() > 63) {
            return false;
        }
        if (end == std::string_view::npos) {
            return true;
        }
        text.remove_prefix(end + 1);
    }
}

/// Without a bridge, PVE 9 stores the interface and from then on answers 500 to every write (seen on 9.2.11).
[[nodiscard]] inline auto has_bridge(std::string_view text) -> bool
{
    const auto parts = proxmox::split_properties(text);
    return parts && has_no_blank(text) && std::ranges::find(*parts, "bridge", &proxmox::property::key) != parts->end();
}

/// A number of at most nine digits in every property.
[[nodiscard]] inline auto has_short_numbers(std::string_view text) -> bool
{
    const auto parts = proxmox::split_properties(text);
    return parts && std::ranges::all_of(*parts, [](const proxmox::property& part) { return part.value.size() <= 9; });
}

/// An amount of memory in MiB, of at most a pebibyte.
[[nodiscard]] constexpr auto is_amount_of_memory(std::string_view digits) -> bool
{
    constexpr auto greatest = std::string_view{"1073741824"};
    return digits.size() < greatest.size() || (digits.size() == greatest.size() && digits <= greatest);
}

} // namespace felhom::lxc
