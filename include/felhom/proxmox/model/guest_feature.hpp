// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/contains.hpp>
#include <felhom/proxmox/api/reply_node.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/proxmox/model/storage.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

// Whether a container's volumes can do what is asked of them.
namespace felhom::proxmox {

/// The answer to read::guest_feature.
[[nodiscard]] inline auto decode_has_feature(const reply_node& data) -> tl::expected<bool, decode_error>
{
    const auto told = data["hasFeature"];
    return told.is_absent() ? tl::unexpected(told.fail("a boolean (0 or 1)")) : told.flag();
}

namespace detail {

/// The plugins whose container volumes take snapshots (pve-storage PVE/Storage/*Plugin.pm, volume_has_feature).
inline constexpr auto snapshotting = std::array<std::string_view, 4>{"zfspool", "lvmthin", "btrfs", "rbd"};

[[nodiscard]] inline auto holds_volume(std::string_view key) -> bool
{
    return key == "rootfs" || (key.starts_with("mp") && key.size() > 2 && ascii::is_digit(key[2]));
}

/// "mp0 on nas (nfs)"; empty where its storage is one that takes snapshots.
[[nodiscard]] inline auto volume_without_snapshots(std::string_view key, std::string_view value,
                                                   const std::vector<node_storage>& storages) -> std::string
{
    const auto volume = value.substr(0, value.find(','));
    if (volume.starts_with('/')) {
        return std::string{key} + " at " + std::string{volume} + " (on no storage)";
    }
    const auto id = volume.substr(0, volume.find(':'));
    const auto on = std::ranges::find_if(storages, [&](const node_storage& one) { return one.id.text() == id; });
    const auto type = on == storages.end() ? std::string{} : on->status.type;
    return contains(snapshotting, std::string_view{type})
               ? std::string{}
               : std::string{key} + " on " + std::string{id} + (type.empty() ? "" : " (" + type + ")");
}

} // namespace detail

/// The volumes of a container whose storage takes no snapshots: "rootfs on local (dir), mp0 on nas (nfs)". Empty where
/// each is on a kind of storage that does.
[[nodiscard]] inline auto volumes_without_snapshots(const pending_config& config,
                                                    const std::vector<node_storage>& storages) -> std::string
{
    auto text = std::string{};
    for (const auto& entry : config.entries) {
        if (!entry.value || !detail::holds_volume(entry.key)) {
            continue;
        }
        if (const auto one = detail::volume_without_snapshots(entry.key, *entry.value, storages); !one.empty()) {
            text += (text.empty() ? "" : ", ") + one;
        }
    }
    return text;
}

} // namespace felhom::proxmox
