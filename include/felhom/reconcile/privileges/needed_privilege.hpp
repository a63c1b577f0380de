// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/proxmox/model/acl_path.hpp>
#include <felhom/proxmox/model/permissions.hpp>

#include <algorithm>
#include <compare>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

// A privilege that something needs of the token, and whether it holds it. Plan, doctor and report judge by this alone.
namespace felhom::reconcile {

struct privilege_on {
    std::string path;
    std::string privilege;

    friend auto operator<=>(const privilege_on&, const privilege_on&) = default;
};

struct needed_privilege {
    std::string path;
    std::string privilege;
    std::string purpose;                    ///< "guest 102: memory"
    std::vector<privilege_on> or_else = {}; ///< who holds one of these needs it not

    friend auto operator==(const needed_privilege&, const needed_privilege&) -> bool = default;
};

namespace detail {

inline constexpr auto local_zone = std::string_view{"/sdn/zones/localnetwork"};

[[nodiscard]] inline auto is_at_or_below(std::string_view place, std::string_view above) -> bool
{
    return place == above || above == "/" || (place.starts_with(above) && place[above.size()] == '/');
}

/// A bridge of the node is in the zone "localnetwork"; one of another zone goes by a path that only the node knows. So
/// who holds something in another zone is not said to lack the use of a bridge.
[[nodiscard]] inline auto may_be_of_another_zone(std::string_view path, const proxmox::permissions& granted) -> bool
{
    return path.starts_with(local_zone) && std::ranges::any_of(granted.paths, [](const proxmox::path_permissions& at) {
               return at.path.starts_with("/sdn/zones/") && !at.path.starts_with(local_zone);
           });
}

/// Storages are granted one by one as often as all at once: what is needed on all of them is there when it is held on
/// any. Of guests it must come down to each: who has no entry of his own inherits it.
[[nodiscard]] inline auto is_held(std::string_view path, std::string_view privilege,
                                  const proxmox::permissions& granted) -> bool
{
    using proxmox::acl_path::every_guest;
    using proxmox::acl_path::every_storage;
    const auto any_guest = std::string{every_guest} + "/VMID";
    if (contains(granted.on(path == every_guest ? std::string_view{any_guest} : path), privilege)) {
        return true;
    }
    return path == every_storage && std::ranges::any_of(granted.paths, [&](const proxmox::path_permissions& at) {
               return is_at_or_below(at.path, every_storage)
                      && contains(at.privileges, privilege, &proxmox::held_privilege::name);
           });
}

} // namespace detail

[[nodiscard]] inline auto is_met(const needed_privilege& need, const proxmox::permissions& granted) -> bool
{
    return detail::is_held(need.path, need.privilege, granted)
           || std::ranges::any_of(
               need.or_else,
               [&](const privilege_on& other) { return detail::is_held(other.path, other.privilege, granted); })
           || detail::may_be_of_another_zone(need.path, granted);
}

/// Those of the needed ones that are not held, each pair of path and privilege once. They are sorted by both.
[[nodiscard]] inline auto missing_of(const std::vector<needed_privilege>& needed, const proxmox::permissions& granted)
    -> std::vector<needed_privilege>
{
    auto missing = std::vector<needed_privilege>{};
    for (const auto& one : needed) {
        const auto is_known =
            !missing.empty() && missing.back().path == one.path && missing.back().privilege == one.privilege;
        if (!is_known && !is_met(one, granted)) {
            missing.push_back(one);
        }
    }
    return missing;
}

/// Sorted by path and privilege, each pair once for each way round it; of several purposes the first in their order.
[[nodiscard]] inline auto each_once(std::vector<needed_privilege> all) -> std::vector<needed_privilege>
{
    std::ranges::sort(
        all, {}, [](const needed_privilege& of) { return std::tie(of.path, of.privilege, of.or_else, of.purpose); });
    const auto same = [](const needed_privilege& a, const needed_privilege& b) {
        return std::tie(a.path, a.privilege, a.or_else) == std::tie(b.path, b.privilege, b.or_else);
    };
    const auto rest = std::ranges::unique(all, same);
    all.erase(rest.begin(), rest.end());
    return all;
}

} // namespace felhom::reconcile
