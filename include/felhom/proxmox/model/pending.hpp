// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace felhom::proxmox {

/// One key of a configuration with what waits for the next restart.
struct pending_entry {
    std::string key;
    std::optional<std::string> value = std::nullopt;   ///< in force now
    std::optional<std::string> pending = std::nullopt; ///< after the next restart
    bool remove = false;                               ///< gone after the next restart

    /// Whether a restart changes nothing of it. Proxmox VE may keep a pending value that is the one in force.
    [[nodiscard]] auto in_sync() const -> bool { return !remove && (!pending || pending == value); }

    friend auto operator==(const pending_entry&, const pending_entry&) -> bool = default;
};

/// Both views of a configuration, key by key.
struct pending_config {
    std::vector<pending_entry> entries; ///< sorted by key, each key once; without `digest`
    std::optional<std::string> digest = std::nullopt;

    /// Whether nothing waits for a restart.
    [[nodiscard]] auto in_sync() const -> bool { return std::ranges::all_of(entries, &pending_entry::in_sync); }

    friend auto operator==(const pending_config&, const pending_config&) -> bool = default;
};

} // namespace felhom::proxmox
