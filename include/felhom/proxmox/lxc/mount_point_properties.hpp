// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/proxmox/lxc/normal_form.hpp>
#include <felhom/proxmox/lxc/text_shape.hpp>
#include <felhom/proxmox/lxc/value_kind.hpp>
#include <felhom/proxmox/model/parse_size.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

/// The properties of a mount point, `mp[n]`, and of the root disk.
namespace felhom::lxc {

/// Whether a name within a path leads no way but down (pve-container PVE/LXC/Config.pm, verify_lxc_mp_string).
[[nodiscard]] constexpr auto is_no_dots(std::string_view name) -> bool
{
    return name != "." && name != "..";
}

/// A volume, a path, or an allocation such as "local-lvm:8": anything that cannot break out of its property.
[[nodiscard]] constexpr auto is_volume(std::string_view text) -> bool
{
    const auto behind_storage = text.substr(text.find(':') + 1);
    return !text.empty() && is_line(text) && text.find_first_of(",=") == std::string_view::npos
           && is_joined<is_no_dots, '/'>(text) && is_joined<is_no_dots, '/'>(behind_storage);
}

[[nodiscard]] constexpr auto is_size(std::string_view text) -> bool
{
    return proxmox::split_size(text).has_value();
}

[[nodiscard]] constexpr auto is_mount_option(std::string_view text) -> bool
{
    constexpr auto known =
        std::array<std::string_view, 6>{"discard", "lazytime", "noatime", "nodev", "noexec", "nosuid"};
    return contains(known, text);
}

/// A range of users or groups, such as "u:1005:1005:1": the first one in the container, the first one on the host, and
/// how many.
[[nodiscard]] constexpr auto is_id_range(std::string_view text) -> bool
{
    return (text.starts_with("u:") || text.starts_with("g:")) && std::ranges::count(text, ':') == 3
           && is_joined<is_digits, ':'>(text.substr(2));
}

[[nodiscard]] constexpr auto is_id_map(std::string_view text) -> bool
{
    return text == "passthrough" || is_joined<is_id_range, ';'>(text);
}

/// A size in bytes.
inline void normalize_size(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    if (const auto bytes = proxmox::parse_size(text)) {
        append_decimal(*bytes, out);
    } else {
        out += text;
    }
}

/// PVE takes a mount point's path with and without its leading slash.
inline void normalize_mount_path(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    if (!text.starts_with('/')) {
        out += '/';
    }
    out += text;
}

inline constexpr auto mount_point_properties = std::array{
    property_rule{.name = "volume", .admits = text{1024, is_volume}, .required = true},
    property_rule{.name = "acl", .admits = boolean{}},
    property_rule{.name = "idmap", .admits = text{4096, is_id_map}, .since = {.major = 9, .minor = 2}},
    property_rule{.name = "mountoptions",
                  .admits = text{255, is_joined<is_mount_option, ';'>},
                  .normalize = normalize_semicolon_set},
    property_rule{.name = "quota", .admits = boolean{}, .default_value = "0"},
    property_rule{.name = "replicate", .admits = boolean{}, .default_value = "1"},
    property_rule{.name = "ro", .admits = boolean{}, .default_value = "0"},
    property_rule{.name = "shared", .admits = boolean{}, .default_value = "0"},
    property_rule{.name = "size", .admits = text{32, is_size}, .normalize = normalize_size},
    // The root disk has none of these (pve-container PVE/LXC/Config.pm, $mp_desc).
    property_rule{.name = "mp", .admits = text{1024, is_volume}, .normalize = normalize_mount_path, .required = true},
    property_rule{.name = "backup", .admits = boolean{}, .default_value = "0"},
    property_rule{.name = "keepattrs", .admits = boolean{}, .default_value = "0", .since = {.major = 9, .minor = 1}},
};

inline constexpr auto mount_point_format = property_string{mount_point_properties, "volume"};

/// What a mount point has before its path.
inline constexpr auto root_disk_format = property_string{
    std::span{mount_point_properties.begin(), std::ranges::find(mount_point_properties, "mp", &property_rule::name)},
    "volume"};

} // namespace felhom::lxc
