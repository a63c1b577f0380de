// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/model/storage_id.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace felhom::proxmox {

/// A storage as the cluster is configured with it.
struct storage_config {
    storage_id id;
    std::string type;                 ///< "dir", "lvmthin", "pbs"
    std::vector<std::string> content; ///< sorted; Proxmox VE tells them in random order
    bool shared = false;
    bool disabled = false;

    friend auto operator==(const storage_config&, const storage_config&) -> bool = default;
};

/// A storage as one node sees it, in bytes; a size that is not told is nothing. An inactive one tells 0 for all.
struct storage_status {
    std::string type;
    std::vector<std::string> content; ///< sorted
    bool active = false;
    bool enabled = false;
    bool shared = false;
    std::optional<std::uint64_t> total = std::nullopt;
    std::optional<std::uint64_t> used = std::nullopt;
    std::optional<std::uint64_t> available = std::nullopt;

    friend auto operator==(const storage_status&, const storage_status&) -> bool = default;
};

struct node_storage {
    storage_id id;
    storage_status status;

    friend auto operator==(const node_storage&, const node_storage&) -> bool = default;
};

/// A volume on a storage. Its id is foreign text here: what is to be sent back goes through volume_id::parse.
struct stored_volume {
    std::string id;
    std::string content; ///< "backup", "rootdir"
    std::string format;
    std::string subtype = {}; ///< of a backup: "lxc", "qemu"; see backup_kind_of
    std::optional<std::uint64_t> size = std::nullopt;
    std::optional<std::chrono::sys_seconds> created = std::nullopt;
    std::optional<vmid> owner = std::nullopt;
    std::string notes = {}; ///< the first line
    bool kept_from_pruning = false;
    std::optional<std::string> verification = std::nullopt; ///< "ok", "failed": by a Proxmox Backup Server

    friend auto operator==(const stored_volume&, const stored_volume&) -> bool = default;
};

[[nodiscard]] inline auto split_content(std::string_view list) -> std::vector<std::string>
{
    auto kinds = std::vector<std::string>{};
    while (!list.empty()) {
        const auto kind = list.substr(0, list.find(','));
        list.remove_prefix(kind.size() == list.size() ? kind.size() : kind.size() + 1);
        if (!kind.empty()) {
            kinds.emplace_back(kind);
        }
    }
    std::ranges::sort(kinds);
    return kinds;
}

} // namespace felhom::proxmox
