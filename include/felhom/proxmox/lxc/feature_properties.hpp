// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/proxmox/lxc/normal_form.hpp>
#include <felhom/proxmox/lxc/value_kind.hpp>

#include <algorithm>
#include <array>
#include <string_view>

/// The properties of `features`.
namespace felhom::lxc {

/// File systems such as "nfs;cifs".
[[nodiscard]] constexpr auto is_mount_types(std::string_view text) -> bool
{
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return ascii::is_alphanumeric(c) || c == '_' || c == ';' || c == ' ';
    });
}

inline constexpr auto feature_properties = std::array{
    property_rule{.name = "force_rw_sys", .admits = boolean{}, .default_value = "0"},
    property_rule{.name = "fuse", .admits = boolean{}, .default_value = "0"},
    property_rule{.name = "keyctl", .admits = boolean{}, .default_value = "0"},
    property_rule{.name = "mknod", .admits = boolean{}, .default_value = "0"},
    property_rule{.name = "mount", .admits = text{255, is_mount_types}, .normalize = normalize_semicolon_set},
    property_rule{.name = "nesting", .admits = boolean{}, .default_value = "0"},
};

inline constexpr auto feature_format = property_string{feature_properties};

} // namespace felhom::lxc
