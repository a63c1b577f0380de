// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/model/cluster_options.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/proxmox/model/permissions.hpp>
#include <felhom/proxmox/model/whereabouts.hpp>
#include <felhom/proxmox/tasks/upid.hpp>
#include <felhom/reconcile/actual/inventory.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace felhom::reconcile {

/// A guest's configuration, read whole: key by key what is in force and what will be after a restart.
struct actual_config {
    std::vector<proxmox::pending_entry> entries; ///< sorted by key, each key once
    proxmox::config_digest digest;

    friend auto operator==(const actual_config&, const actual_config&) -> bool = default;
};

/// The value that a key will have after a restart, which is what intent is measured by; nothing when it will be unset.
[[nodiscard]] inline auto stored_value(const proxmox::pending_entry& entry) -> const std::string*
{
    if (entry.pending) {
        return &*entry.pending;
    }
    return entry.remove || !entry.value ? nullptr : &*entry.value;
}

/// The row of one key; nothing for a key that is neither set nor about to be.
[[nodiscard]] inline auto entry_of(const actual_config& config, std::string_view key) -> const proxmox::pending_entry*
{
    const auto found = std::ranges::find(config.entries, key, &proxmox::pending_entry::key);
    return found == config.entries.end() ? nullptr : &*found;
}

/// The configuration could not be read, or not fully: nothing may be planned from it.
struct unread_config {
    proxmox::call_error why;

    friend auto operator==(const unread_config&, const unread_config&) -> bool = default;
};

struct actual_guest {
    vmid id;
    std::string name;
    run_state run;
    std::optional<std::string> lock;
    bool is_template = false;
    std::variant<actual_config, unread_config> config;
    std::optional<proxmox::upid> task = std::nullopt; ///< that runs on it, where that was asked

    friend auto operator==(const actual_guest&, const actual_guest&) -> bool = default;
};

/// A guest that is desired and not in the node's list.
struct missing_guest {
    vmid id;
    proxmox::whereabouts where;

    friend auto operator==(const missing_guest&, const missing_guest&) -> bool = default;
};

/// A guest that the node's list shows in a way that is not understood: nothing is planned of it.
struct odd_guest {
    vmid id;
    proxmox::call_error why;

    friend auto operator==(const odd_guest&, const odd_guest&) -> bool = default;
};

/// What one observation of a node found. Guests that nobody asked for are counted in the inventory and not read.
struct actual_state {
    accepted_inventory inventory;
    std::vector<actual_guest> guests;            ///< sorted by vmid
    std::optional<proxmox::permissions> granted; ///< nothing: not known, the node will judge
    std::optional<proxmox::tag_access> tags = std::nullopt;
    std::vector<missing_guest> missing = {}; ///< as far as it was asked where they are
    std::vector<odd_guest> odd = {};

    friend auto operator==(const actual_state&, const actual_state&) -> bool = default;
};

} // namespace felhom::reconcile
