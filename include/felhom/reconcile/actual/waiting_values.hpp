// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/lxc/consequence.hpp>
#include <felhom/proxmox/lxc/standard_keys.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/reconcile/actual/lost_interface.hpp>
#include <felhom/reconcile/plan/plan.hpp>
#include <felhom/reconcile/plan/skip_reason.hpp>

#include <algorithm>
#include <optional>
#include <vector>

// What a running guest has not got although it is stored, or will be.
namespace felhom::reconcile {

/// Why a stored value is not in force; nothing where it is, and of a lost interface, which is told of by itself.
[[nodiscard]] inline auto reason_for_waiting(const lxc::config_key& rule, const proxmox::pending_entry& present)
    -> std::optional<skip_reason>
{
    if (present.in_sync() || is_lost_interface(present)) {
        return std::nullopt;
    }
    const auto was_tried = effect_of(rule, present.key, present.remove) == lxc::applies::live;
    return was_tried ? skip_reason{hotplug_failed{}} : skip_reason{awaits_restart{}};
}

/// Proxmox VE writes the limits of memory and swap at once and once a call, so where the call also removes swap,
/// the new limit of memory comes with the next start (pve-container PVE/LXC/Config.pm, vmconfig_hotplug_pending).
inline void note_unchanged_limit(std::vector<config_change>& changes)
{
    const auto memory = std::ranges::find(changes, "memory", &config_change::key);
    const auto swap = std::ranges::find(changes, "swap", &config_change::key);
    if (memory != changes.end() && swap != changes.end() && !swap->to) {
        memory->effect = lxc::applies::pending;
        memory->weight = std::max(memory->weight, lxc::consequence::needs_restart);
    }
}

} // namespace felhom::reconcile
