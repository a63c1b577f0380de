// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/proxmox/model/pending.hpp>

namespace felhom::reconcile {

/// Whether it is an interface of which nothing is in force although one is stored. Of a running guest that means that
/// it has lost it: a new one is plugged in at once.
[[nodiscard]] inline auto is_lost_interface(const proxmox::pending_entry& entry) -> bool
{
    const auto* const rule = lxc::key_table::standard().find(entry.key);
    return rule != nullptr && rule->key == "net" && !entry.value && entry.pending;
}

} // namespace felhom::reconcile
