// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/api/token_id.hpp>
#include <felhom/proxmox/model/acl_entry.hpp>
#include <felhom/proxmox/model/acl_path.hpp>
#include <felhom/proxmox/model/grant.hpp>
#include <felhom/proxmox/model/permissions.hpp>
#include <felhom/reconcile/privileges/needed_privilege.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// How what a token lacks is best granted: each set of privileges by one role, and on all guests at once where most of
// them lack the same.
namespace felhom::local_api {

/// What is known of a token's rights.
struct token_rights {
    proxmox::token_id token;
    proxmox::permissions granted; ///< told anew of each path that matters: see with_exact
    /// Of all whom the token is shown; nothing: it is not shown them all.
    std::optional<std::vector<proxmox::acl_entry>> entries = std::nullopt;
    std::vector<vmid> guests = {}; ///< of the cluster, as far as the token is shown them
};

/// The view of all paths with what was asked of one by itself. It has no row for a path where the token has no
/// privilege, which then would seem to inherit them.
[[nodiscard]] inline auto with_exact(proxmox::permissions granted, const std::string& path,
                                     const proxmox::permissions& told) -> proxmox::permissions
{
    if (granted.on(path) != told.on(path)) {
        std::erase_if(granted.paths, [&](const proxmox::path_permissions& at) { return at.path == path; });
        const auto row = std::ranges::find(told.paths, path, &proxmox::path_permissions::path);
        granted.paths.push_back(row == told.paths.end() ? proxmox::path_permissions{.path = path, .privileges = {}}
                                                        : *row);
        std::ranges::sort(granted.paths, {}, &proxmox::path_permissions::path);
    }
    return granted;
}

/// Privileges that are missing together on each of the paths.
struct privilege_gap {
    std::vector<std::string> paths;
    std::vector<reconcile::needed_privilege> missing; ///< each privilege once, as the first of the paths needs it
    proxmox::privilege_set role;                      ///< what is held there and what is missing
    std::vector<proxmox::acl_entry> in_the_way = {};  ///< entries that hide the grant, and give nothing beside it
    bool may_be_in_the_way = false;                   ///< there may be such entries, and the token is not shown them
};

/// What to grant, and what would do instead of some of it.
struct grant_plan {
    std::vector<privilege_gap> gaps;
    std::vector<privilege_gap> instead; ///< on every guest, for what is a gap of most
};

namespace detail {

[[nodiscard]] inline auto names_of(const std::vector<reconcile::needed_privilege>& needs) -> proxmox::privilege_set
{
    auto names = std::vector<std::string>{};
    for (const auto& need : needs) {
        names.push_back(need.privilege);
    }
    return proxmox::privilege_set{std::move(names)};
}

[[nodiscard]] inline auto is_guest_path(std::string_view path) -> bool
{
    return path.size() > proxmox::acl_path::every_guest.size()
           && reconcile::detail::is_at_or_below(path, proxmox::acl_path::every_guest);
}

/// Who may look and not touch.
[[nodiscard]] inline auto only_reads(const proxmox::privilege_set& privileges) -> bool
{
    return std::ranges::all_of(privileges.names(), [](const std::string& name) { return name.ends_with(".Audit"); });
}

class grant_planner {
public:
    explicit grant_planner(const token_rights& rights) : rights_{rights} {}

    [[nodiscard]] auto plan(const std::vector<reconcile::needed_privilege>& missing) -> grant_plan
    {
        for (const auto& one : missing) {
            by_path_[one.path].push_back(one);
        }
        drop_inherited();
        auto made = grant_plan{.gaps = {}, .instead = group_guests()};
        const auto above = by_path_.find(std::string{proxmox::acl_path::every_guest});
        const auto comes_down = above == by_path_.end() ? proxmox::privilege_set{{}} : names_of(above->second);
        for (const auto& [path, needed] : by_path_) {
            add_to(made.gaps, path, needed, comes_down);
        }
        return made;
    }

private:
    using needs = std::vector<reconcile::needed_privilege>;

    [[nodiscard]] auto held(std::string_view path) const -> proxmox::privilege_set
    {
        return proxmox::privilege_set{rights_.granted.on(path)};
    }

    [[nodiscard]] auto is_of_token(const proxmox::acl_entry& entry) const -> bool
    {
        return entry.who == rights_.token.text();
    }

    /// An entry of the owner's, or of a group that he may be in: none that the agent's grants may do away with.
    [[nodiscard]] auto may_be_of_owner(const proxmox::acl_entry& entry) const -> bool
    {
        return entry.who == rights_.token.user() || entry.kind == proxmox::acl_entry::holder::group;
    }

    /// Whether an entry at the path may hide what comes from above.
    [[nodiscard]] auto has_own_entry(std::string_view path) const -> bool
    {
        if (!rights_.entries) {
            return contains(rights_.granted.paths, path, &proxmox::path_permissions::path);
        }
        return std::ranges::any_of(*rights_.entries, [&](const proxmox::acl_entry& entry) {
            return entry.path == path && (is_of_token(entry) || may_be_of_owner(entry));
        });
    }

    /// Whether that entry can go once the role is granted above.
    [[nodiscard]] auto can_go(std::string_view path, const proxmox::privilege_set& role) const -> bool
    {
        const auto is_anothers =
            rights_.entries && std::ranges::any_of(*rights_.entries, [&](const proxmox::acl_entry& entry) {
                return entry.path == path && may_be_of_owner(entry);
            });
        return !is_anothers && role.contains(held(path));
    }

    /// What is to be granted on every guest comes down to those that have no entry of their own.
    void drop_inherited()
    {
        const auto above = by_path_.find(std::string{proxmox::acl_path::every_guest});
        if (above == by_path_.end()) {
            return;
        }
        const auto comes_down = names_of(above->second);
        for (auto& [path, lacking] : by_path_) {
            if (is_guest_path(path) && !has_own_entry(path)) {
                std::erase_if(lacking, [&](const reconcile::needed_privilege& need) {
                    return contains(comes_down.names(), need.privilege);
                });
            }
        }
        std::erase_if(by_path_, [](const auto& at) { return at.second.empty(); });
    }

    /// Most guests lack the same. What lets the token look is granted on every guest; what lets it write reaches
    /// further than it must, so that is for a person to choose.
    [[nodiscard]] auto group_guests() -> std::vector<privilege_gap>
    {
        auto by_set = std::map<proxmox::privilege_set, std::vector<std::string>>{};
        for (const auto& [path, lacking] : by_path_) {
            if (is_guest_path(path)) {
                by_set[names_of(lacking)].push_back(path);
            }
        }
        const auto everywhere = std::string{proxmox::acl_path::every_guest};
        auto instead = std::vector<privilege_gap>{};
        for (const auto& [privileges, paths] : by_set) {
            if (paths.size() < 2 || paths.size() * 2 < rights_.guests.size()) {
                continue;
            }
            const auto role = held(everywhere).with(privileges);
            const auto reaches = [&](const std::string& path) { return !has_own_entry(path) || can_go(path, role); };
            if (!only_reads(privileges)) {
                if (std::ranges::all_of(paths, reaches)) {
                    auto gap = privilege_gap{.paths = paths, .missing = by_path_.at(paths.front()), .role = role};
                    note_denial_at(everywhere, gap);
                    note_entries_below(privileges, gap);
                    instead.push_back(std::move(gap));
                }
                continue;
            }
            auto& above = by_path_[everywhere];
            for (const auto& path : paths) {
                if (reaches(path)) {
                    auto& lacking = by_path_.at(path);
                    above.insert(above.end(), lacking.begin(), lacking.end());
                    by_path_.erase(path);
                }
            }
        }
        return instead;
    }

    /// An entry of a guest's own replaces what is granted on every guest with it, so that its role holds that, too.
    void add_to(std::vector<privilege_gap>& gaps, const std::string& path, const needs& lacking,
                const proxmox::privilege_set& on_every_guest) const
    {
        const auto privileges = names_of(lacking);
        const auto own = held(path).with(privileges);
        const auto role = is_guest_path(path) ? own.with(on_every_guest) : own;
        const auto same = [&](const privilege_gap& gap) {
            return gap.role == role && names_of(gap.missing) == privileges
                   && is_guest_path(gap.paths.front()) == is_guest_path(path);
        };
        auto found = std::ranges::find_if(gaps, same);
        if (found == gaps.end()) {
            gaps.push_back({.paths = {}, .missing = {}, .role = role});
            found = gaps.end() - 1;
            for (const auto& need : lacking) {
                if (!contains(found->missing, need.privilege, &reconcile::needed_privilege::privilege)) {
                    found->missing.push_back(need);
                }
            }
        }
        found->paths.push_back(path);
        note_denial_at(path, *found);
        if (path == proxmox::acl_path::every_guest) {
            note_entries_below(privileges, *found);
        }
    }

    /// Where the token is denied everything, a grant beside that gives nothing.
    void note_denial_at(std::string_view path, privilege_gap& gap) const
    {
        if (!rights_.entries) {
            const auto row = std::ranges::find(rights_.granted.paths, path, &proxmox::path_permissions::path);
            gap.may_be_in_the_way =
                gap.may_be_in_the_way || (row != rights_.granted.paths.end() && row->privileges.empty());
            return;
        }
        for (const auto& entry : *rights_.entries) {
            if (entry.path == path && entry.role == proxmox::no_access && is_of_token(entry)) {
                gap.in_the_way.push_back(entry);
            }
        }
    }

    /// An entry replaces what is inherited. One that gives nothing beside the role is only in its way.
    void note_entries_below(const proxmox::privilege_set& granted, privilege_gap& gap) const
    {
        const auto hides = [&](std::string_view path) {
            return is_guest_path(path) && !held(path).contains(granted) && can_go(path, gap.role);
        };
        if (!rights_.entries) {
            gap.may_be_in_the_way =
                gap.may_be_in_the_way
                || std::ranges::any_of(rights_.granted.paths,
                                       [&](const proxmox::path_permissions& at) { return hides(at.path); });
            return;
        }
        for (const auto& entry : *rights_.entries) {
            if (is_of_token(entry) && hides(entry.path)) {
                gap.in_the_way.push_back(entry);
            }
        }
    }

    const token_rights& rights_;
    std::map<std::string, needs> by_path_;
};

} // namespace detail

/// What to grant so that nothing is missing any more.
[[nodiscard]] inline auto plan_grants(const std::vector<reconcile::needed_privilege>& missing,
                                      const token_rights& rights) -> grant_plan
{
    return detail::grant_planner{rights}.plan(missing);
}

} // namespace felhom::local_api
