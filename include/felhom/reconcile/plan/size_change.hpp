// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/model/disk.hpp>
#include <felhom/proxmox/model/property_string.hpp>
#include <felhom/proxmox/model/slot_volume.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace felhom::reconcile {

/// A volume that is desired with another size, and as it is in everything else.
struct size_change {
    proxmox::disk_slot disk;
    proxmox::slot_volume is;
    proxmox::disk_size to;

    [[nodiscard]] auto grows() const -> bool { return to > is.size; }
};

namespace detail {

/// A normal form without its size.
[[nodiscard]] inline auto without_size(std::string_view normal) -> std::string
{
    auto rest = std::string{};
    for (const auto& part : proxmox::split_properties(normal).value_or(proxmox::properties{})) {
        if (part.key != "size") {
            rest.append(part.key).append("=").append(part.value).append(",");
        }
    }
    return rest;
}

} // namespace detail

/// Both values of a key and their normal forms.
struct value_pair {
    std::string_view from;
    std::string_view from_normal;
    std::string_view to;
    std::string_view to_normal;
};

/// Nothing where the key is no slot of a volume, or where more than the size differs.
[[nodiscard]] inline auto size_change_of(const lxc::config_key& rule, std::string_view key, const value_pair& values)
    -> std::optional<size_change>
{
    const auto disk = proxmox::disk_slot::parse(key);
    const auto is = proxmox::parse_slot_volume(values.from);
    const auto wanted = proxmox::parse_slot_volume(values.to);
    if (rule.managed != lxc::management::storage || !disk || !is || !wanted
        || detail::without_size(values.from_normal) != detail::without_size(values.to_normal)) {
        return std::nullopt;
    }
    return size_change{.disk = *disk, .is = *is, .to = wanted->size};
}

} // namespace felhom::reconcile
