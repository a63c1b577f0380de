// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/proxmox/lxc/text_shape.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace felhom::proxmox {

inline constexpr auto size_units = std::string_view{"KMGT"};
inline constexpr auto bits_of_size_unit = 10U;

namespace detail {

/// Digits, perhaps with a point and digits behind it.
[[nodiscard]] constexpr auto is_decimal(std::string_view text) -> bool
{
    const auto dot = text.find('.');
    return lxc::is_digits(text.substr(0, dot))
           && (dot == std::string_view::npos || lxc::is_digits(text.substr(dot + 1)));
}

/// So many times 2^shift, in Perl's numbers: an integer is exact, a fraction is a double that is cut off.
[[nodiscard]] inline auto scaled(std::string_view decimal, unsigned shift) -> std::optional<std::uint64_t>
{
    static constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    if (decimal.find('.') == std::string_view::npos) {
        const auto count = parse_decimal<std::uint64_t>(decimal);
        return count && *count <= most >> shift ? std::optional{*count << shift} : std::nullopt;
    }
    const auto count = std::ldexp(parse_decimal<double>(decimal).value_or(HUGE_VAL), static_cast<int>(shift));
    return count < std::ldexp(1.0, std::numeric_limits<std::uint64_t>::digits)
               ? std::optional{static_cast<std::uint64_t>(count)}
               : std::nullopt;
}

} // namespace detail

/// A size in parts: how many, and of which unit, of K, M, G and T; 0 for bytes.
struct size_parts {
    std::string_view count;
    unsigned unit;
};

/// Nothing where a text is no size (pve-common PVE/JSONSchema.pm, parse_size).
[[nodiscard]] constexpr auto split_size(std::string_view text) -> std::optional<size_parts>
{
    const auto unit = text.empty() ? std::string_view::npos : size_units.find(text.back());
    const auto has_unit = unit != std::string_view::npos;
    const auto count = text.substr(0, text.size() - (has_unit ? 1 : 0));
    return detail::is_decimal(count)
               ? std::optional{size_parts{.count = count, .unit = has_unit ? static_cast<unsigned>(unit) + 1U : 0U}}
               : std::nullopt;
}

/// A size as Proxmox VE reads it, in bytes; nothing for one that 64 bits cannot hold.
[[nodiscard]] inline auto parse_size(std::string_view text) -> std::optional<std::uint64_t>
{
    const auto parts = split_size(text);
    return parts ? detail::scaled(parts->count, parts->unit * bits_of_size_unit) : std::nullopt;
}

/// How many MiB "STORAGE:SIZE" asks for, whose size is in GiB; nothing where that is no allocation (pve-container
/// PVE/LXC.pm, create_disks).
[[nodiscard]] inline auto allocated_mebibytes(std::string_view volume) -> std::optional<std::uint64_t>
{
    static constexpr auto mebibytes_of_gibibyte = 10U;
    const auto colon = volume.find(':');
    const auto size = colon == std::string_view::npos ? std::string_view{} : volume.substr(colon + 1);
    return detail::is_decimal(size) ? detail::scaled(size, mebibytes_of_gibibyte) : std::nullopt;
}

} // namespace felhom::proxmox
