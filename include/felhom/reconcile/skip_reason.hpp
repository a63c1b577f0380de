#pragma once

#include <felhom/core/host_id.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/config_changes.hpp>
#include <felhom/proxmox/config_digest.hpp>
#include <felhom/proxmox/error.hpp>
#include <felhom/proxmox/lxc/consequence.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/upid.hpp>
#include <felhom/proxmox/whereabouts.hpp>

#include <optional>
#include <string>
#include <variant>

namespace felhom::reconcile {

// Why a difference is not acted on, each with its evidence.

struct needs_signature {
    lxc::consequence weight;

    friend auto operator==(const needs_signature&, const needs_signature&) -> bool = default;
};
struct only_root {
    friend auto operator==(const only_root&, const only_root&) -> bool = default;
};
struct never_changes {
    friend auto operator==(const never_changes&, const never_changes&) -> bool = default;
};
struct lacks_privilege {
    std::string path;
    std::string privilege;

    friend auto operator==(const lacks_privilege&, const lacks_privilege&) -> bool = default;
};
struct guest_locked {
    std::string lock;
    std::optional<proxmox::upid> by = std::nullopt; ///< the task that runs on the guest, where there is one

    friend auto operator==(const guest_locked&, const guest_locked&) -> bool = default;
};
/// It is in no list of the node's or the cluster's, and that proves nothing.
struct guest_not_visible {
    std::string why = {}; ///< what it would take to know, where that is known

    friend auto operator==(const guest_not_visible&, const guest_not_visible&) -> bool = default;
};
/// It is in no list, and the lists cannot be relied on, or one could not be read.
struct whereabouts_unknown {
    std::string why;
    std::optional<proxmox::call_error> unread = std::nullopt;

    friend auto operator==(const whereabouts_unknown&, const whereabouts_unknown&) -> bool = default;
};
/// The cluster shows it on this node, whose own list does not.
struct guest_in_motion {
    friend auto operator==(const guest_in_motion&, const guest_in_motion&) -> bool = default;
};
/// Another node has it, or its number is a virtual machine's.
struct guest_elsewhere {
    proxmox::guest_is_elsewhere where;

    friend auto operator==(const guest_elsewhere&, const guest_elsewhere&) -> bool = default;
};
/// It is to be there, and no node of the cluster has it.
struct guest_nowhere {
    friend auto operator==(const guest_nowhere&, const guest_nowhere&) -> bool = default;
};
struct guest_unreadable {
    proxmox::call_error why;

    friend auto operator==(const guest_unreadable&, const guest_unreadable&) -> bool = default;
};
struct guest_is_template {
    friend auto operator==(const guest_is_template&, const guest_is_template&) -> bool = default;
};
struct needs_release {
    lxc::pve_release since;

    friend auto operator==(const needs_release&, const needs_release&) -> bool = default;
};
/// Nothing is left to do: what is desired is stored, and waits for the guest's next start.
struct awaits_restart {
    friend auto operator==(const awaits_restart&, const awaits_restart&) -> bool = default;
};
/// What is desired is stored, and the running guest did not take it: what can be hot-plugged waits only then.
struct hotplug_failed {
    friend auto operator==(const hotplug_failed&, const hotplug_failed&) -> bool = default;
};
/// A running guest is without an interface that its configuration has: the old one was removed and the new one could
/// not be plugged in (pve-container PVE/LXC.pm, update_net).
struct interface_lost {
    friend auto operator==(const interface_lost&, const interface_lost&) -> bool = default;
};
/// This host's own configuration says that the guest is looked at and never changed.
struct observed_only {
    friend auto operator==(const observed_only&, const observed_only&) -> bool = default;
};
/// Proxmox VE leaves the key out of what a token without the privilege reads, so its absence says nothing.
struct value_hidden {
    std::string path;
    std::string privilege;

    friend auto operator==(const value_hidden&, const value_hidden&) -> bool = default;
};
/// It is to be gone. Nothing but an operator's signature destroys a guest.
struct destroy_needs_signature {
    vmid guest;
    proxmox::config_digest digest; ///< of the configuration that the signer should have seen
    bool running;
    bool is_protected;
    std::optional<host_id> host; ///< nothing: this host's configuration does not say how operators name it

    friend auto operator==(const destroy_needs_signature&, const destroy_needs_signature&) -> bool = default;
};
/// Proxmox VE does not take back what waits for the guest's next start when the key is removed before (pve-container
/// PVE/LXC/Config.pm, update_pct_config): it would come into force all the same.
struct waiting_value_stays {
    friend auto operator==(const waiting_value_stays&, const waiting_value_stays&) -> bool = default;
};
/// Together with what is stored, the desired value makes one that no call can carry.
struct not_writable {
    proxmox::config_changes_error why;

    friend auto operator==(const not_writable&, const not_writable&) -> bool = default;
};

using skip_reason =
    std::variant<needs_signature, only_root, never_changes, lacks_privilege, guest_locked, guest_not_visible,
                 whereabouts_unknown, guest_in_motion, guest_elsewhere, guest_nowhere, guest_unreadable,
                 guest_is_template, needs_release, awaits_restart, observed_only, value_hidden, destroy_needs_signature,
                 waiting_value_stays, hotplug_failed, interface_lost, not_writable>;

} // namespace felhom::reconcile
