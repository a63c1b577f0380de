#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/permissions.hpp>
#include <felhom/proxmox/property_string.hpp>
#include <felhom/reconcile/desired_state.hpp>
#include <felhom/reconcile/key_table.hpp>

#include <range/v3/algorithm/any_of.hpp>
#include <range/v3/algorithm/contains.hpp>
#include <range/v3/algorithm/stable_sort.hpp>
#include <range/v3/algorithm/unique.hpp>

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

struct needed_privilege {
    std::string path;
    std::string privilege;
    std::string purpose; ///< "guest 102: memory"

    friend auto operator==(const needed_privilege&, const needed_privilege&) -> bool = default;
};

/// A privilege that a token holds on a path and that nothing here needs.
struct idle_privilege {
    std::string path;
    std::string privilege;

    friend auto operator==(const idle_privilege&, const idle_privilege&) -> bool = default;
};

/// What beside the desired state asks for privileges.
struct privilege_scope {
    node_name node;
    bool reports = false;      ///< to a hub: the node's status, its storages and backups
    bool takes_signed = false; ///< operations under a signature, of any guest
};

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

inline void add_needs_of(const desired_guest& guest, const key_table& table, std::vector<needed_privilege>& to)
{
    const auto path = "/vms/" + guest.id.text();
    const auto add = [&](std::string_view privilege, std::string_view what) {
        to.push_back({.path = path,
                      .privilege = std::string{privilege},
                      .purpose = "guest " + guest.id.text() + ": " + std::string{what}});
    };
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
        const auto bridge = rule->key == "net" && entry.value ? bridge_path(*entry.value) : std::nullopt;
        if (bridge) {
            to.push_back(
                {.path = *bridge, .privilege = "SDN.Use", .purpose = "guest " + guest.id.text() + ": " + entry.key});
        }
    }
}

/// Storages are granted one by one as often as all at once: what is needed on all of them is there when it is held on
/// any.
inline constexpr auto every_storage = std::string_view{"/storage"};

[[nodiscard]] inline auto is_at_or_below(std::string_view path, std::string_view above) -> bool
{
    return path == above || above == "/" || (path.starts_with(above) && path[above.size()] == '/');
}

[[nodiscard]] inline auto is_held(const needed_privilege& need, const proxmox::permissions& granted) -> bool
{
    if (ranges::contains(granted.on(need.path), need.privilege)) {
        return true;
    }
    return need.path == every_storage && ranges::any_of(granted.paths, [&](const proxmox::path_permissions& at) {
               return is_at_or_below(at.path, every_storage)
                      && ranges::contains(at.privileges, need.privilege, &proxmox::held_privilege::name);
           });
}

[[nodiscard]] inline auto serves(const proxmox::held_privilege& held, std::string_view path,
                                 const needed_privilege& need) -> bool
{
    if (held.name != need.privilege) {
        return false;
    }
    return need.path == path || (held.propagates && is_at_or_below(need.path, path))
           || (need.path == every_storage && is_at_or_below(path, every_storage));
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

/// What the desired state and the agent's other duties need, sorted by path and privilege, each pair once.
[[nodiscard]] inline auto needed_privileges(const desired_state& desired, const key_table& table,
                                            const privilege_scope& scope) -> std::vector<needed_privilege>
{
    auto all = std::vector<needed_privilege>{};
    for (const auto& guest : desired.guests) {
        detail::add_needs_of(guest, table, all);
    }
    if (scope.reports) {
        all.push_back({.path = "/nodes/" + scope.node.text(), .privilege = "Sys.Audit", .purpose = "the host report"});
        all.push_back({.path = "/storage", .privilege = "Datastore.Audit", .purpose = "storages in the host report"});
    }
    const auto key = [](const needed_privilege& of) { return std::tie(of.path, of.privilege); };
    ranges::stable_sort(all, {}, key);
    const auto last = ranges::unique(all, {}, key);
    all.erase(last, all.end());
    return all;
}

/// Those of the needed ones that are not held.
[[nodiscard]] inline auto missing_of(const std::vector<needed_privilege>& needed, const proxmox::permissions& granted)
    -> std::vector<needed_privilege>
{
    auto missing = std::vector<needed_privilege>{};
    for (const auto& one : needed) {
        if (!detail::is_held(one, granted)) {
            missing.push_back(one);
        }
    }
    return missing;
}

/// What the token holds and nothing here needs: neither on that path nor, where it propagates, below.
[[nodiscard]] inline auto idle_of(const std::vector<needed_privilege>& needed, const proxmox::permissions& granted,
                                  const privilege_scope& scope) -> std::vector<idle_privilege>
{
    auto idle = std::vector<idle_privilege>{};
    for (const auto& at : granted.paths) {
        for (const auto& held : at.privileges) {
            const auto is_used = ranges::any_of(
                needed, [&](const needed_privilege& need) { return detail::serves(held, at.path, need); });
            const auto is_signed_use =
                scope.takes_signed && ranges::contains(detail::used_by_signed_operations, held.name);
            if (!is_used && !is_signed_use && !detail::is_inherited(granted, at.path, held.name)) {
                idle.push_back({.path = at.path, .privilege = held.name});
            }
        }
    }
    return idle;
}

} // namespace felhom::reconcile
