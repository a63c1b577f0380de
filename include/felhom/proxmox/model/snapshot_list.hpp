// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/model/config_digest.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace felhom::proxmox {

struct snapshot {
    std::string name;
    std::string description = {};
    std::optional<std::chrono::sys_seconds> taken = std::nullopt;
    std::optional<std::string> parent = std::nullopt;
    std::optional<std::string> unfinished = std::nullopt; ///< "prepare" or "delete": it was never completed

    friend auto operator==(const snapshot&, const snapshot&) -> bool = default;
};

/// The snapshots of a guest.
struct snapshot_list {
    std::vector<snapshot> snapshots;                    ///< sorted by name
    std::optional<std::string> parent = std::nullopt;   ///< the one the guest goes on from
    std::optional<config_digest> digest = std::nullopt; ///< of the configuration file that holds them

    friend auto operator==(const snapshot_list&, const snapshot_list&) -> bool = default;
};

} // namespace felhom::proxmox
