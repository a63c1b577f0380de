// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/operate/operation/growth.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/proxmox/model/power_state.hpp>
#include <felhom/proxmox/model/snapshot_list.hpp>
#include <felhom/proxmox/model/snapshot_name.hpp>
#include <felhom/proxmox/model/storage.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::operate {

/// A guest that is there, as it was read inside its lane.
struct present_guest {
    proxmox::power_state power;
    std::optional<std::string> lock;
    reconcile::actual_config config;

    friend auto operator==(const present_guest&, const present_guest&) -> bool = default;
};

/// What the gate must know before an operation begins.
struct guest_facts {
    std::optional<present_guest> guest;            ///< nothing: there is none of that number on this node
    std::vector<proxmox::snapshot> snapshots = {}; ///< read only where the operation names one, or takes all
    std::optional<proxmox::stored_volume> backup = std::nullopt; ///< read only where the operation deletes one

    std::optional<available_space> space = std::nullopt; ///< read only where the operation grows a volume

    friend auto operator==(const guest_facts&, const guest_facts&) -> bool = default;
};

/// The value of a key as it will be after a restart, or null.
[[nodiscard]] inline auto value_of(const reconcile::actual_config& config, std::string_view key) -> const std::string*
{
    const auto found = std::ranges::find(config.entries, key, &proxmox::pending_entry::key);
    return found == config.entries.end() ? nullptr : reconcile::stored_value(*found);
}

/// Whether both configurations come to the same after a restart: what a stop applies by itself is no difference.
[[nodiscard]] inline auto come_to_the_same(const reconcile::actual_config& a, const reconcile::actual_config& b) -> bool
{
    const auto effective = [](const reconcile::actual_config& config) {
        auto all = std::vector<std::pair<std::string_view, std::string_view>>{};
        for (const auto& entry : config.entries) {
            if (const auto* const value = reconcile::stored_value(entry)) {
                all.emplace_back(entry.key, *value);
            }
        }
        return all;
    };
    return effective(a) == effective(b);
}

/// The operation's own question about snapshots or backups; nothing where it has none.
[[nodiscard]] inline auto snapshot_named_by(const signed_operation& op) -> const proxmox::snapshot_name*
{
    if (const auto* const rollback = std::get_if<guest_rollback>(&op)) {
        return &rollback->snapshot;
    }
    const auto* const deletion = std::get_if<guest_delete_snapshot>(&op);
    return deletion == nullptr ? nullptr : &deletion->snapshot;
}

/// Whether the operation is held against the guest's snapshots: a destroy takes all of them.
[[nodiscard]] inline auto concerns_snapshots(const signed_operation& op) -> bool
{
    return snapshot_named_by(op) != nullptr || std::holds_alternative<guest_destroy>(op);
}

} // namespace felhom::operate
