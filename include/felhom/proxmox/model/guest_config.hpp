// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::proxmox {

/// One `key: value` of a guest's configuration, the value as text: PVE's numbers in plain decimal, booleans as 0 and 1.
struct config_entry {
    std::string key;
    std::string value;

    friend auto operator==(const config_entry&, const config_entry&) -> bool = default;
};

/// A guest's configuration as one read returned it. Which view it is (after a restart, in force now, a snapshot's) is
/// known to the one who asked.
struct guest_config {
    std::vector<config_entry> entries;                    ///< sorted by key, each key once; without `digest` and `lxc`
    std::string digest;                                   ///< SHA-1 of the whole file, for compare-and-set
    std::vector<std::pair<std::string, std::string>> lxc; ///< raw lxc.* lines in the order of the file

    friend auto operator==(const guest_config&, const guest_config&) -> bool = default;

    [[nodiscard]] auto find(std::string_view key) const -> std::optional<std::string_view>
    {
        const auto found =
            std::ranges::lower_bound(entries, key, {}, [](const config_entry& e) -> std::string_view { return e.key; });
        if (found == entries.end() || found->key != key) {
            return std::nullopt;
        }
        return found->value;
    }
};

} // namespace felhom::proxmox
