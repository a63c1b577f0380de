// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/proxmox/model/acl_path.hpp>
#include <felhom/proxmox/model/storage_id.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>
#include <felhom/reconcile/privileges/change_privilege.hpp>
#include <felhom/reconcile/privileges/needed_privilege.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// Which privileges a desired state and a report need of a token, before anything is tried. The privileges of the calls
// are those of the API's schema; those of the keys are the key table's, as the plan judges them.
namespace felhom::reconcile {

/// What is known of the host for which privileges are needed.
struct privilege_scope {
    node_name node;
    bool reports = false;            ///< to a hub: the node's status, its guests, storages and backups
    bool takes_signed = false;       ///< operations under a signature
    bool grows = false;              ///< volumes, without a signature
    std::vector<vmid> observed = {}; ///< guests that are looked at and never changed
    std::vector<proxmox::storage_id> backup_storages = {}; ///< as far as they are known
    change_circumstances changing = {};
    const actual_state* actual = nullptr; ///< what was read of the guests, where that could be
};

/// What a list needs in order to be whole: Proxmox VE leaves out what may not be seen, and does not say so.
[[nodiscard]] inline auto needed_for_guests() -> std::vector<needed_privilege>
{
    return {{.path = std::string{proxmox::acl_path::every_guest},
             .privilege = "VM.Audit",
             .purpose = "guests in the host report"}};
}

[[nodiscard]] inline auto needed_for_storages() -> std::vector<needed_privilege>
{
    const auto path = std::string{proxmox::acl_path::every_storage};
    return {{.path = path,
             .privilege = "Datastore.Audit",
             .purpose = "storages in the host report",
             .or_else = {{.path = path, .privilege = "Datastore.AllocateSpace"}}}};
}

/// Of every owner, also of those that are no more (pve-storage PVE/Storage.pm, check_volume_access).
[[nodiscard]] inline auto needed_for_backups(const std::string& storage_path) -> std::vector<needed_privilege>
{
    const auto purpose = std::string{"backups in the host report"};
    const auto all_of_it = std::vector{privilege_on{.path = storage_path, .privilege = "Datastore.Allocate"}};
    return {{.path = storage_path, .privilege = "Datastore.AllocateSpace", .purpose = purpose, .or_else = all_of_it},
            {.path = std::string{proxmox::acl_path::every_guest},
             .privilege = "VM.Backup",
             .purpose = purpose,
             .or_else = all_of_it}};
}

namespace detail {

/// What is stored of a key; nothing where it is unset, or nothing is known of the guest.
[[nodiscard]] inline auto stored_of(const actual_state* actual, vmid id, std::string_view key)
    -> std::optional<std::string>
{
    if (actual == nullptr) {
        return std::nullopt;
    }
    const auto guest = std::ranges::find(actual->guests, id, &actual_guest::id);
    const auto* const config = guest == actual->guests.end() ? nullptr : std::get_if<actual_config>(&guest->config);
    const auto* const entry = config == nullptr ? nullptr : entry_of(*config, key);
    const auto* const stored = entry == nullptr ? nullptr : stored_value(*entry);
    return stored == nullptr ? std::nullopt : std::optional{*stored};
}

/// Whether any privilege would let the agent write the key: without a signature or, where it takes one, under one.
[[nodiscard]] inline auto is_ever_written(const lxc::config_key& rule, const privilege_scope& scope) -> bool
{
    switch (rule.managed) {
    case lxc::management::planned:
    case lxc::management::set_only:
    case lxc::management::nesting_only:
        return true;
    case lxc::management::storage:
        return scope.takes_signed || scope.grows;
    case lxc::management::root_only:
    case lxc::management::immutable:
    case lxc::management::pve:
        return false;
    }
    return false;
}

inline void add_needs_of(const desired_guest& guest, const lxc::key_table& table, const privilege_scope& scope,
                         std::vector<needed_privilege>& to)
{
    const auto path = proxmox::acl_path::of(guest.id);
    auto needs = std::vector<needed_privilege>{};
    const auto add = [&](std::string_view privilege, std::string_view what) {
        needs.push_back({.path = path,
                         .privilege = std::string{privilege},
                         .purpose = "guest " + guest.id.text() + ": " + std::string{what}});
    };
    if (guest.absent) { // what is granted on a guest goes with it, and shows its absence no more
        to.push_back({.path = std::string{proxmox::acl_path::every_guest},
                      .privilege = "VM.Audit",
                      .purpose = "guest " + guest.id.text() + ": to know that it is gone"});
        return;
    }
    add("VM.Audit", "to see it");
    const auto is_changed = !contains(scope.observed, guest.id);
    if (guest.run && is_changed) {
        add("VM.PowerMgmt", "run_state");
    }
    for (const auto& entry : guest.entries) {
        const auto* const rule = table.find(entry.key);
        if (rule == nullptr) {
            continue;
        }
        if (!rule->read_privilege.empty()) {
            add(rule->read_privilege, entry.key);
        }
        if (is_changed && is_ever_written(*rule, scope)) {
            const auto from = stored_of(scope.actual, guest.id, entry.key);
            // As the plan would write it: of STORAGE:SIZE, say, the volume that is there.
            const auto written = entry.value && from ? std::optional{rule->complete(*entry.value, *from)} : entry.value;
            auto more = needed_to_change(
                {.guest = guest.id, .key = entry.key, .rule = *rule, .from = from, .to = written}, scope.changing);
            std::ranges::move(more, std::back_inserter(needs));
        }
    }
    // The keys of a guest are written in one call, so that what one of them needs serves the call for all.
    const auto serves_call = [](const needed_privilege& need) {
        return !is_for_call(need) && contains(any_for_configuration, need.privilege);
    };
    const auto is_served = std::ranges::any_of(needs, serves_call);
    std::ranges::remove_copy_if(needs, std::back_inserter(to),
                                [&](const needed_privilege& need) { return is_served && is_for_call(need); });
}

} // namespace detail

/// What the desired state and the report need, each pair of path and privilege once for each way round it.
[[nodiscard]] inline auto needed_privileges(const desired_state& desired, const lxc::key_table& table,
                                            const privilege_scope& scope) -> std::vector<needed_privilege>
{
    auto all = std::vector<needed_privilege>{};
    for (const auto& guest : desired.guests) {
        detail::add_needs_of(guest, table, scope, all);
    }
    if (scope.reports) {
        all.push_back(
            {.path = proxmox::acl_path::of(scope.node), .privilege = "Sys.Audit", .purpose = "the host report"});
        const auto add = [&](const std::vector<needed_privilege>& more) {
            all.insert(all.end(), more.begin(), more.end());
        };
        add(needed_for_guests());
        add(needed_for_storages());
        for (const auto& storage : scope.backup_storages) {
            add(needed_for_backups(proxmox::acl_path::of(storage)));
        }
        if (scope.backup_storages.empty()) {
            add(needed_for_backups(std::string{proxmox::acl_path::every_storage}));
        }
    }
    return each_once(std::move(all));
}

} // namespace felhom::reconcile
