// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/lxc/mount_point_properties.hpp>
#include <felhom/proxmox/lxc/value_kind.hpp>

#include <algorithm>
#include <array>
#include <string_view>

/// The properties of a device that is passed through, `dev[n]`.
namespace felhom::lxc {

[[nodiscard]] constexpr auto is_device_path(std::string_view text) -> bool
{
    return text.starts_with("/dev/") && is_volume(text);
}

[[nodiscard]] constexpr auto is_octal_mode(std::string_view text) -> bool
{
    return text.size() == 4 && text.front() == '0'
           && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '7'; });
}

/// What is left out is as root has it, with 0660 (pve-container PVE/LXC.pm, create_passthrough_device_node).
inline constexpr auto device_properties = std::array{
    // The schema lets the path be left out, the call itself does not (pve-container PVE/API2/LXC/Config.pm).
    property_rule{.name = "path", .admits = text{1024, is_device_path}, .required = true},
    property_rule{.name = "deny-write", .admits = boolean{}, .default_value = "0", .since = {.major = 8, .minor = 3}},
    property_rule{.name = "gid", .admits = integer{0, unbounded}, .default_value = "0"},
    property_rule{.name = "mode", .admits = text{4, is_octal_mode}, .default_value = "0660"},
    property_rule{.name = "uid", .admits = integer{0, unbounded}, .default_value = "0"},
};

inline constexpr auto device_format = property_string{device_properties, "path"};

} // namespace felhom::lxc
