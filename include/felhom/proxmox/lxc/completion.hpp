// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/lxc/feature_properties.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/lxc/property_form.hpp>
#include <felhom/proxmox/model/parse_size.hpp>
#include <felhom/proxmox/model/property_string.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

/// What a desired value leaves open is taken from the stored one, so that neither a comparison nor a write changes it.
namespace felhom::lxc {

/// The text to compare with, and to write over, the stored one.
using completion = std::string (*)(std::string_view desired, std::string_view stored);

[[nodiscard]] inline auto complete_nothing(std::string_view desired, std::string_view /*stored*/) -> std::string
{
    return std::string{desired};
}

namespace detail {

[[nodiscard]] inline auto value_of(const proxmox::properties& parts, std::string_view key)
    -> std::optional<std::string_view>
{
    const auto found = std::ranges::find(parts, key, &proxmox::property::key);
    return found == parts.end() ? std::nullopt : std::optional{found->value};
}

} // namespace detail

/// An interface without hwaddr gets a new random MAC at every write (pve-container PVE/LXC/Config.pm), so the stored
/// one is sent along.
[[nodiscard]] inline auto complete_net(std::string_view desired, std::string_view stored) -> std::string
{
    auto completed = std::string{desired};
    const auto wanted = proxmox::split_properties(desired);
    const auto present = proxmox::split_properties(stored);
    if (wanted && present && !detail::value_of(*wanted, "hwaddr")) {
        if (const auto mac = detail::value_of(*present, "hwaddr")) {
            completed += ",hwaddr=";
            completed += *mac;
        }
    }
    return completed;
}

/// PVE asks for root when anything but nesting differs from what is in force, and to it a flag that is off differs from
/// one that is absent. So the spelling in force is kept for every flag that does not change, and a flag that is absent
/// is not written as off. A flag that desired does not name is off.
[[nodiscard]] inline auto complete_features(std::string_view desired, std::string_view stored) -> std::string
{
    const auto wanted = properties_of(desired);
    const auto present = properties_of(stored);
    if (!wanted || !present) {
        return std::string{desired};
    }
    const auto facts = node_facts{};
    const auto meaning = [&](std::string_view key, std::optional<std::string_view> value) {
        auto normal = std::string{};
        const auto* const rule = feature_format.rule_of(key);
        if (value && rule != nullptr) {
            rule->normalize(*value, facts, normal);
            if (normal == rule->default_value) {
                normal.clear();
            }
        }
        return normal;
    };
    auto completed = std::string{};
    const auto append = [&](std::string_view key, std::string_view value) {
        completed += completed.empty() ? "" : ",";
        completed += key;
        completed += '=';
        completed += value;
    };
    for (const auto& [key, value] : *present) {
        const auto asked = detail::value_of(*wanted, key);
        if (meaning(key, asked) == meaning(key, value)) {
            append(key, value);
        } else if (asked) {
            append(key, *asked);
        }
    }
    for (const auto& [key, value] : *wanted) {
        if (!detail::value_of(*present, key) && !meaning(key, value).empty()) {
            append(key, value);
        }
    }
    return completed;
}

/// "storage:8" asks for an allocation, not for a volume: sent again it would allocate a second one and cast the first
/// off. When the slot already holds a volume of that storage, that volume is meant, of the size that was asked for:
/// Proxmox VE stores that, whatever `size` says beside it (pve-container PVE/LXC.pm, create_disks). A size that desired
/// does not name is the stored one.
[[nodiscard]] inline auto complete_mount_point(std::string_view desired, std::string_view stored) -> std::string
{
    const auto wanted = proxmox::split_properties(desired);
    const auto present = proxmox::split_properties(stored);
    if (!wanted || !present) {
        return std::string{desired};
    }
    const auto volume_of = [](const proxmox::properties& parts) {
        const auto bare = detail::value_of(parts, "");
        return bare ? bare : detail::value_of(parts, "volume");
    };
    const auto asked = volume_of(*wanted);
    const auto held = volume_of(*present);
    if (!asked || !held) {
        return std::string{desired};
    }
    const auto allocates = proxmox::allocated_mebibytes(*asked);
    const auto storage = asked->substr(0, asked->find(':') + 1);
    const auto is_allocated = allocates && held->starts_with(storage);
    auto completed = std::string{is_allocated ? *held : *asked};
    const auto append = [&](std::string_view key, std::string_view value) {
        completed.append(",").append(key).append("=").append(value);
    };
    for (const auto& [key, value] : *wanted) {
        if (!key.empty() && key != "volume" && !(is_allocated && key == "size")) {
            append(key, value);
        }
    }
    const auto size = detail::value_of(*present, "size");
    if (is_allocated) {
        append("size", std::to_string(*allocates) + "M");
    } else if (size && !detail::value_of(*wanted, "size")) {
        append("size", *size);
    }
    return completed;
}

} // namespace felhom::lxc
