// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/contains.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/operate/gate/gate_refusal.hpp>
#include <felhom/operate/gate/guest_facts.hpp>
#include <felhom/operate/operation/growth.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/postcondition.hpp>
#include <felhom/operate/operation/shown_state.hpp>
#include <felhom/proxmox/model/backup_kind.hpp>
#include <felhom/proxmox/model/guest_kind.hpp>
#include <felhom/proxmox/model/power_state.hpp>
#include <felhom/proxmox/model/snapshot_list.hpp>
#include <felhom/proxmox/model/storage.hpp>

#include <optional>
#include <string>
#include <type_traits>
#include <variant>

namespace felhom::operate {

namespace detail {

/// Whether the guest is not as the signer saw it.
[[nodiscard]] inline auto difference(const std::string& expected, const present_guest& guest)
    -> std::optional<gate_refusal>
{
    const auto& found = guest.config.digest.text();
    return expected == found ? std::nullopt
                             : std::optional<gate_refusal>{digest_differs{.expected = expected, .found = found}};
}

/// Proxmox VE's protection guards the guest and its disks.
[[nodiscard]] inline auto is_guarded_by_protection(const signed_operation& op) -> bool
{
    return told<bool>(op, [](const auto& one) { return std::remove_cvref_t<decltype(one)>::is_barred_by_protection; });
}

[[nodiscard]] inline auto must_not_run(const signed_operation& op) -> bool
{
    return told<bool>(op, overloaded{[](const auto& one) { return std::remove_cvref_t<decltype(one)>::must_not_run; },
                                     [](const guest_destroy& o) { return !o.stop; }});
}

[[nodiscard]] inline auto owner_text(const proxmox::stored_volume& backup, std::optional<proxmox::guest_kind> kind)
    -> std::string
{
    const auto number = backup.owner ? backup.owner->text() : std::string{"nobody"};
    if (!kind) {
        return number + ", and does not tell whether that was a container";
    }
    return *kind == proxmox::guest_kind::qemu ? number + ", a virtual machine" : number;
}

[[nodiscard]] inline auto obstacle_of_backup(const backup_delete& op, vmid guest,
                                             const std::optional<std::string>& expected, const guest_facts& facts)
    -> std::optional<gate_refusal>
{
    const auto& volid = op.volid.text();
    if (!facts.backup) {
        return volume_missing{volid};
    }
    const auto kind = proxmox::backup_kind_of(*facts.backup);
    if (facts.backup->owner != guest || kind != proxmox::guest_kind::lxc) {
        return volume_of_other_guest{.volid = volid, .owner = owner_text(*facts.backup, kind)};
    }
    if (facts.backup->kept_from_pruning) {
        return volume_protected{volid};
    }
    // A backup may outlive its guest; but a signer who says which guest that was must have seen this one.
    if (expected) {
        return facts.guest ? difference(*expected, *facts.guest) : std::optional<gate_refusal>{guest_missing{}};
    }
    return std::nullopt;
}

/// Whether the operation is for the guest as it is, whatever its signer saw of it.
[[nodiscard]] inline auto needs_unchanged_guest(const signed_operation& op) -> bool
{
    return told<bool>(op, [](const auto& one) { return std::remove_cvref_t<decltype(one)>::needs_unchanged_guest; });
}

/// Whether the call may be made again after one that was refused for a lock. A restore removes the volumes that it
/// replaces before it unpacks, and says so only in its log.
[[nodiscard]] inline auto may_be_repeated(const signed_operation& op) -> bool
{
    return !std::holds_alternative<guest_restore>(op);
}

/// What was changed between two looks, nothing being expected to change.
[[nodiscard]] inline auto change(const signed_operation& op, const guest_facts& before, const guest_facts& now)
    -> std::optional<gate_refusal>
{
    if (std::holds_alternative<backup_delete>(op)) {
        return before.backup == now.backup ? std::nullopt
                                           : std::optional<gate_refusal>{changed_since_begun{"the backup"}};
    }
    if (!needs_unchanged_guest(op) || !before.guest || !now.guest) {
        return std::nullopt;
    }
    return difference(before.guest->config.digest.text(), *now.guest);
}

/// What was changed between two looks, the guest having been stopped between them: its digest may be another, since a
/// stop applies what was pending.
[[nodiscard]] inline auto change_by_stop(const guest_facts& before, const guest_facts& now)
    -> std::optional<gate_refusal>
{
    if (!before.guest || !now.guest || !come_to_the_same(before.guest->config, now.guest->config)) {
        return changed_since_begun{"the guest's configuration"};
    }
    return before.snapshots == now.snapshots
               ? std::nullopt
               : std::optional<gate_refusal>{changed_since_begun{"the list of the guest's snapshots"}};
}

/// Of an operation that grows a volume.
[[nodiscard]] inline auto obstacle_to_growth_by(const signed_operation& op, const reconcile::actual_config& config,
                                                const std::optional<available_space>& space)
    -> std::optional<gate_refusal>
{
    const auto wanted = postcondition_of(op);
    const auto* const grown = std::get_if<volume_is_at_least>(&wanted);
    const auto why = grown == nullptr ? std::nullopt : obstacle_to_growth(*grown, config, space);
    using refusal = std::optional<gate_refusal>;
    return why ? told<refusal>(*why, [](const auto& one) { return refusal{one}; }) : refusal{};
}

} // namespace detail

/// What of the guest stands in the way of an operation; `expected` is the digest that its signer saw.
[[nodiscard]] inline auto obstacle(const signed_operation& op, vmid guest, const std::optional<std::string>& expected,
                                   const guest_facts& facts) -> std::optional<gate_refusal>
{
    if (const auto* const deletion = std::get_if<backup_delete>(&op)) {
        return detail::obstacle_of_backup(*deletion, guest, expected, facts);
    }
    const auto* const restore = std::get_if<guest_restore>(&op);
    if (!facts.guest) {
        // A restore needs no guest, unless its signer saw one.
        return restore != nullptr && !expected ? std::nullopt : std::optional<gate_refusal>{guest_missing{}};
    }
    if (restore != nullptr && !restore->force) {
        return guest_exists{};
    }
    const auto& found = *facts.guest;
    if (found.lock) {
        return guest_is_locked{*found.lock};
    }
    if (detail::is_guarded_by_protection(op)) {
        const auto* const protection = value_of(found.config, "protection");
        if (protection != nullptr && *protection != "0") {
            return guest_protected{};
        }
    }
    if (auto differs = expected ? detail::difference(*expected, found) : std::nullopt) {
        return differs;
    }
    if (found.power == proxmox::power_state::running && detail::must_not_run(op)) {
        return guest_running{};
    }
    if (auto why = detail::obstacle_to_growth_by(op, found.config, facts.space)) {
        return why;
    }
    const auto* const snapshot = snapshot_named_by(op);
    if (snapshot != nullptr && !contains(facts.snapshots, snapshot->text(), &proxmox::snapshot::name)) {
        return snapshot_missing{snapshot->text()};
    }
    return std::nullopt;
}

} // namespace felhom::operate
