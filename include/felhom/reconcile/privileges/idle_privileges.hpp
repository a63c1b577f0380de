// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/model/acl_path.hpp>
#include <felhom/proxmox/model/permissions.hpp>
#include <felhom/reconcile/privileges/needed_privilege.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

namespace felhom::reconcile {

namespace detail {

[[nodiscard]] inline auto serves(const proxmox::held_privilege& held, std::string_view path, std::string_view needed_on,
                                 std::string_view privilege) -> bool
{
    using namespace proxmox::acl_path;
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
    return std::ranges::any_of(wanted,
                               [&](const privilege_on& one) { return serves(held, path, one.path, one.privilege); });
}

/// Whether it is only seen on this path because it comes down from another that is listed.
[[nodiscard]] inline auto is_inherited(const proxmox::permissions& granted, std::string_view path,
                                       std::string_view privilege) -> bool
{
    return std::ranges::any_of(granted.paths, [&](const proxmox::path_permissions& above) {
        return above.path != path && is_at_or_below(path, above.path)
               && std::ranges::any_of(above.privileges, [&](const proxmox::held_privilege& held) {
                      return held.name == privilege && held.propagates;
                  });
    });
}

} // namespace detail

/// What the token holds and nothing needs, now or at times: neither on that path nor, where it propagates, below.
[[nodiscard]] inline auto idle_of(const std::vector<needed_privilege>& needed,
                                  const std::vector<privilege_on>& at_times, const proxmox::permissions& granted)
    -> std::vector<privilege_on>
{
    auto idle = std::vector<privilege_on>{};
    for (const auto& at : granted.paths) {
        for (const auto& held : at.privileges) {
            const auto is_used = std::ranges::any_of(needed, [&](const needed_privilege& need) {
                return detail::serves(held, at.path, need.path, need.privilege)
                       || detail::serves_any(held, at.path, need.or_else);
            });
            if (!is_used && !detail::serves_any(held, at.path, at_times)
                && !detail::is_inherited(granted, at.path, held.name)) {
                idle.push_back({.path = at.path, .privilege = held.name});
            }
        }
    }
    return idle;
}

} // namespace felhom::reconcile
