#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/permissions.hpp>
#include <felhom/proxmox/property_string.hpp>
#include <felhom/proxmox/storage_id.hpp>
#include <felhom/reconcile/configuration_privileges.hpp>
#include <felhom/reconcile/desired_state.hpp>
#include <felhom/reconcile/key_table.hpp>

#include <range/v3/algorithm/any_of.hpp>
#include <range/v3/algorithm/contains.hpp>
#include <range/v3/algorithm/unique.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

// Which privileges a desired state needs of a token, before anything is tried, and which of those it holds are of no
// use. The privileges of the calls are those of the API's schema; those of the keys are the key table's.
namespace felhom::reconcile {

struct privilege_on {
    std::string path;
    std::string privilege;

    friend auto operator==(const privilege_on&, const privilege_on&) -> bool = default;
};

struct needed_privilege {
    std::string path;
    std::string privilege;
    std::string purpose;                    ///< "guest 102: memory"
    std::vector<privilege_on> or_else = {}; ///< who holds one of these needs it not

    friend auto operator==(const needed_privilege&, const needed_privilege&) -> bool = default;
};

/// What beside the desired state asks for privileges.
struct privilege_scope {
    node_name node;
    bool reports = false;      ///< to a hub: the node's status, its guests, storages and backups
    bool takes_signed = false; ///< operations under a signature, of any guest
    std::vector<proxmox::storage_id> backup_storages = {}; ///< as far as they are known
    std::vector<privilege_on> at_times = {}; ///< what may come to be asked for, and is not missed until then
};

/// A path that stands for all below it, too: what is needed there is of use on any of them.
inline constexpr auto every_guest = std::string_view{"/vms"};
inline constexpr auto every_storage = std::string_view{"/storage"};
inline constexpr auto every_zone = std::string_view{"/sdn/zones"};

/// What a list needs in order to be whole: Proxmox VE leaves out what may not be seen, and does not say so.
[[nodiscard]] inline auto needed_for_guests() -> std::vector<needed_privilege>
{
    return {{.path = std::string{every_guest}, .privilege = "VM.Audit", .purpose = "guests in the host report"}};
}

[[nodiscard]] inline auto needed_for_storages() -> std::vector<needed_privilege>
{
    const auto path = std::string{every_storage};
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
            {.path = std::string{every_guest}, .privilege = "VM.Backup", .purpose = purpose, .or_else = all_of_it}};
}

[[nodiscard]] inline auto path_of(const proxmox::storage_id& storage) -> std::string
{
    return std::string{every_storage} + "/" + storage.text();
}

namespace detail {

[[nodiscard]] inline auto bridge_path(std::string_view net) -> std::optional<std::string>
{
    const auto parts = proxmox::split_properties(net);
    const auto bridge = parts ? value_of(*parts, "bridge") : std::nullopt;
    if (!bridge) {
        return std::nullopt;
    }
    auto path = "/sdn/zones/localnetwork/" + std::string{*bridge};
    if (const auto tag = value_of(*parts, "tag")) {
        path += "/" + std::string{*tag};
    }
    return path;
}

/// Where no key of a guest needs one of those that the call needs.
[[nodiscard]] inline auto needed_for_call(const std::string& path, const std::string& purpose) -> needed_privilege
{
    auto need = needed_privilege{.path = path, .privilege = std::string{least_for_configuration}, .purpose = purpose};
    for (const auto other : any_for_configuration) {
        if (other != least_for_configuration) {
            need.or_else.push_back({.path = path, .privilege = std::string{other}});
        }
    }
    return need;
}

inline void add_needs_of(const desired_guest& guest, const key_table& table, std::vector<needed_privilege>& to)
{
    const auto path = "/vms/" + guest.id.text();
    auto of_another_kind = std::optional<std::string>{};
    auto has_one_for_the_call = false;
    const auto add = [&](std::string_view privilege, std::string_view what) {
        to.push_back({.path = path,
                      .privilege = std::string{privilege},
                      .purpose = "guest " + guest.id.text() + ": " + std::string{what}});
    };
    if (guest.absent) { // what is granted on a guest goes with it, and shows its absence no more
        to.push_back({.path = std::string{every_guest},
                      .privilege = "VM.Audit",
                      .purpose = "guest " + guest.id.text() + ": to know that it is gone"});
        return;
    }
    add("VM.Audit", "to see it");
    if (guest.run) {
        add("VM.PowerMgmt", "run_state");
    }
    for (const auto& entry : guest.entries) {
        const auto* const rule = table.find(entry.key);
        if (rule == nullptr) {
            continue;
        }
        for (const auto privilege : {rule->privilege, rule->read_privilege}) {
            if (!privilege.empty()) {
                add(privilege, entry.key);
            }
        }
        if (ranges::contains(any_for_configuration, rule->privilege)) {
            has_one_for_the_call = true;
        } else if (!rule->privilege.empty()) {
            of_another_kind = entry.key;
        }
        const auto bridge = rule->key == "net" && entry.value ? bridge_path(*entry.value) : std::nullopt;
        if (bridge) {
            to.push_back(
                {.path = *bridge, .privilege = "SDN.Use", .purpose = "guest " + guest.id.text() + ": " + entry.key});
        }
    }
    if (of_another_kind && !has_one_for_the_call) {
        to.push_back(needed_for_call(path, "guest " + guest.id.text() + ": " + *of_another_kind));
    }
}

[[nodiscard]] inline auto is_at_or_below(std::string_view place, std::string_view above) -> bool
{
    return place == above || above == "/" || (place.starts_with(above) && place[above.size()] == '/');
}

/// Storages are granted one by one as often as all at once: what is needed on all of them is there when it is held on
/// any. Of guests it must come down to each: who has no entry of his own inherits it.
[[nodiscard]] inline auto is_held(std::string_view path, std::string_view privilege,
                                  const proxmox::permissions& granted) -> bool
{
    const auto any_guest = std::string{every_guest} + "/VMID";
    if (ranges::contains(granted.on(path == every_guest ? std::string_view{any_guest} : path), privilege)) {
        return true;
    }
    return path == every_storage && ranges::any_of(granted.paths, [&](const proxmox::path_permissions& at) {
               return is_at_or_below(at.path, every_storage)
                      && ranges::contains(at.privileges, privilege, &proxmox::held_privilege::name);
           });
}

[[nodiscard]] inline auto is_met(const needed_privilege& need, const proxmox::permissions& granted) -> bool
{
    return is_held(need.path, need.privilege, granted) || ranges::any_of(need.or_else, [&](const privilege_on& other) {
               return is_held(other.path, other.privilege, granted);
           });
}

[[nodiscard]] inline auto serves(const proxmox::held_privilege& held, std::string_view path, std::string_view needed_on,
                                 std::string_view privilege) -> bool
{
    if (held.name != privilege) {
        return false;
    }
    const auto stands_for_all = needed_on == every_guest || needed_on == every_storage || needed_on == every_zone;
    return needed_on == path || (held.propagates && is_at_or_below(needed_on, path))
           || (stands_for_all && is_at_or_below(path, needed_on));
}

[[nodiscard]] inline auto serves_any(const proxmox::held_privilege& held, std::string_view path,
                                     const std::vector<privilege_on>& wanted) -> bool
{
    return ranges::any_of(wanted, [&](const privilege_on& one) { return serves(held, path, one.path, one.privilege); });
}

/// Whether it is only seen on this path because it comes down from another that is listed.
[[nodiscard]] inline auto is_inherited(const proxmox::permissions& granted, std::string_view path,
                                       std::string_view privilege) -> bool
{
    return ranges::any_of(granted.paths, [&](const proxmox::path_permissions& above) {
        return above.path != path && is_at_or_below(path, above.path)
               && ranges::any_of(above.privileges, [&](const proxmox::held_privilege& held) {
                      return held.name == privilege && held.propagates;
                  });
    });
}

/// What a signed operation may need on the guest or the storage that it names.
inline constexpr auto used_by_signed_operations =
    std::array<std::string_view, 9>{"VM.Allocate",        "VM.Audit",
                                    "VM.Backup",          "VM.PowerMgmt",
                                    "VM.Snapshot",        "VM.Snapshot.Rollback",
                                    "Datastore.Allocate", "Datastore.AllocateSpace",
                                    "Datastore.Audit"};

} // namespace detail

/// What the desired state and the agent's other duties need, sorted by path and privilege, each pair once for each way
/// round it.
[[nodiscard]] inline auto needed_privileges(const desired_state& desired, const key_table& table,
                                            const privilege_scope& scope) -> std::vector<needed_privilege>
{
    auto all = std::vector<needed_privilege>{};
    for (const auto& guest : desired.guests) {
        detail::add_needs_of(guest, table, all);
    }
    if (scope.reports) {
        all.push_back({.path = "/nodes/" + scope.node.text(), .privilege = "Sys.Audit", .purpose = "the host report"});
        const auto add = [&](const std::vector<needed_privilege>& more) {
            all.insert(all.end(), more.begin(), more.end());
        };
        add(needed_for_guests());
        add(needed_for_storages());
        for (const auto& storage : scope.backup_storages) {
            add(needed_for_backups(path_of(storage)));
        }
        if (scope.backup_storages.empty()) {
            add(needed_for_backups(std::string{every_storage}));
        }
    }
    std::ranges::stable_sort(all, {}, [](const needed_privilege& of) { return std::tie(of.path, of.privilege); });
    const auto last =
        ranges::unique(all, {}, [](const needed_privilege& of) { return std::tie(of.path, of.privilege, of.or_else); });
    all.erase(last, all.end());
    return all;
}

/// Those of the needed ones that are not held, each pair of path and privilege once.
[[nodiscard]] inline auto missing_of(const std::vector<needed_privilege>& needed, const proxmox::permissions& granted)
    -> std::vector<needed_privilege>
{
    auto missing = std::vector<needed_privilege>{};
    for (const auto& one : needed) {
        const auto is_known =
            !missing.empty() && missing.back().path == one.path && missing.back().privilege == one.privilege;
        if (!is_known && !detail::is_met(one, granted)) {
            missing.push_back(one);
        }
    }
    return missing;
}

/// What the token holds and nothing here needs: neither on that path nor, where it propagates, below.
[[nodiscard]] inline auto idle_of(const std::vector<needed_privilege>& needed, const proxmox::permissions& granted,
                                  const privilege_scope& scope) -> std::vector<privilege_on>
{
    auto idle = std::vector<privilege_on>{};
    for (const auto& at : granted.paths) {
        for (const auto& held : at.privileges) {
            const auto is_used = ranges::any_of(needed, [&](const needed_privilege& need) {
                return detail::serves(held, at.path, need.path, need.privilege)
                       || detail::serves_any(held, at.path, need.or_else);
            });
            const auto is_used_at_times =
                (scope.takes_signed && ranges::contains(detail::used_by_signed_operations, held.name))
                || detail::serves_any(held, at.path, scope.at_times);
            if (!is_used && !is_used_at_times && !detail::is_inherited(granted, at.path, held.name)) {
                idle.push_back({.path = at.path, .privilege = held.name});
            }
        }
    }
    return idle;
}

} // namespace felhom::reconcile
