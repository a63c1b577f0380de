// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/api/token_id.hpp>
#include <felhom/proxmox/errors/refusal.hpp>
#include <felhom/proxmox/model/grant.hpp>
#include <felhom/proxmox/model/permissions.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::proxmox {

/// Who calls the API, and what it may do as far as that is known.
struct caller {
    token_id token;
    std::optional<permissions> granted = std::nullopt;

    friend auto operator==(const caller&, const caller&) -> bool = default;
};

/// The commands that grant a caller what it lacks and take nothing from it: one role a set of privileges, at all the
/// paths where it is the right one.
[[nodiscard]] inline auto grant_lines(const std::vector<missing_privilege>& missing, const caller& who)
    -> std::vector<std::string>
{
    auto lines = std::vector<std::string>{};
    auto at = std::map<std::string, privilege_set>{};
    for (const auto& one : missing) {
        if (!who.granted) {
            for (auto& line : look_up_lines(one, who.token)) {
                lines.push_back(std::move(line));
            }
        } else if (!one.any_of.empty()) {
            const auto held = at.try_emplace(one.path, who.granted->on(one.path)).first;
            held->second = held->second.with(privilege_set{{least_of(one.any_of)}});
        }
    }
    auto grants = std::map<privilege_set, std::vector<std::string>>{};
    for (const auto& [path, privileges] : at) {
        grants[privileges].push_back(path);
    }
    for (const auto& [privileges, paths] : grants) {
        for (auto& line : grant_lines({.paths = paths, .privileges = privileges}, who.token)) {
            lines.push_back(std::move(line));
        }
    }
    return lines;
}
[[nodiscard]] inline auto grant_lines(const missing_privilege& missing, const caller& who) -> std::vector<std::string>
{
    return grant_lines(std::vector{missing}, who);
}

} // namespace felhom::proxmox
