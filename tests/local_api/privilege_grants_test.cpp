// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/local_api/privilege_grants.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

using namespace felhom;
using proxmox::privilege_set;
using reconcile::needed_privilege;

namespace {

const auto this_token = proxmox::token_id::parse("felhom@pve!agent").value();
const auto places = std::array{std::string{"/vms"}, std::string{"/vms/101"}, std::string{"/vms/102"}};

struct named_role {
    std::string name;
    privilege_set privileges;
};

/// What an entry may give; the first of them means that there is none.
const auto roles =
    std::array{named_role{"", privilege_set{{}}}, named_role{"NoAccess", privilege_set{{}}},
               named_role{"Look", privilege_set{{"VM.Audit"}}}, named_role{"Power", privilege_set{{"VM.PowerMgmt"}}},
               named_role{"Both", privilege_set{{"VM.Audit", "VM.PowerMgmt"}}}};

/// The token's entries, as Proxmox VE judges them.
struct access_list {
    std::map<std::string, std::vector<named_role>> at;

    [[nodiscard]] auto held(const std::string& path) const -> privilege_set
    {
        const auto own = at.find(path);
        if (own == at.end() || own->second.empty()) {
            return path == "/vms" ? privilege_set{{}} : held("/vms");
        }
        auto all = privilege_set{{}};
        for (const auto& role : own->second) {
            if (role.name == proxmox::no_access) {
                return privilege_set{{}};
            }
            all = all.with(role.privileges);
        }
        return all;
    }

    /// What is told of one path, as of all of them.
    [[nodiscard]] auto told(const std::string& path) const -> proxmox::permissions
    {
        auto row = proxmox::path_permissions{.path = path, .privileges = {}};
        const auto privileges = held(path);
        for (const auto& name : privileges.names()) {
            row.privileges.push_back({.name = name, .propagates = true});
        }
        return {.paths = row.privileges.empty() ? std::vector<proxmox::path_permissions>{} : std::vector{row}};
    }

    [[nodiscard]] auto rights(const std::vector<needed_privilege>& needed, bool is_shown_entries) const
        -> local_api::token_rights
    {
        auto of = local_api::token_rights{.token = this_token, .granted = {.paths = {}}};
        for (const auto& path : places) {
            const auto row = told(path);
            if (path == "/vms" || at.contains(path)) {
                of.granted.paths.insert(of.granted.paths.end(), row.paths.begin(), row.paths.end());
            }
        }
        for (const auto& need : needed) {
            of.granted = local_api::with_exact(of.granted, need.path, told(need.path));
        }
        if (is_shown_entries) {
            of.entries.emplace();
            for (const auto& [path, given] : at) {
                for (const auto& role : given) {
                    of.entries->push_back({path, proxmox::acl_entry::holder::token, this_token.text(), role.name});
                }
            }
        }
        of.guests = {vmid::from_number(101).value(), vmid::from_number(102).value()};
        return of;
    }

    void follow(const local_api::privilege_gap& gap, const std::vector<std::string>& paths)
    {
        for (const auto& path : paths) {
            at[path].push_back({proxmox::role_of(gap.role), gap.role});
        }
        for (const auto& entry : gap.in_the_way) {
            std::erase_if(at[entry.path], [&](const named_role& role) { return role.name == entry.role; });
        }
        if (gap.may_be_in_the_way) { // as the line says: what holds nothing more, there and below
            for (auto& [path, given] : at) {
                const auto is_there = std::ranges::find(paths, path) != paths.end() || paths.front() == "/vms";
                std::erase_if(given, [&](const named_role& role) {
                    return is_there && role.name != proxmox::role_of(gap.role) && gap.role.contains(role.privileges);
                });
            }
        }
    }
};

/// The access list of that number, and the needs.
auto list_of(std::size_t number) -> access_list
{
    auto list = access_list{};
    for (const auto& path : places) {
        const auto& role = roles[number % roles.size()];
        number /= roles.size();
        if (!role.name.empty()) {
            list.at[path].push_back(role);
        }
    }
    return list;
}

/// Whether NoAccess stands somewhere where nothing comes from above: who is not shown the entries cannot tell it from
/// none.
auto denies_nothing_somewhere(const access_list& list) -> bool
{
    return std::ranges::any_of(list.at, [&](const auto& entry) {
        return entry.second.front().name == proxmox::no_access
               && (entry.first == "/vms" || list.held("/vms").names().empty());
    });
}

auto needs_of(std::size_t number) -> std::vector<needed_privilege>
{
    auto all = std::vector<needed_privilege>{};
    for (const auto& path : places) {
        for (const auto* const privilege : {"VM.Audit", "VM.PowerMgmt"}) {
            if (number % 2 == 1) {
                all.push_back({.path = path, .privilege = privilege, .purpose = "test"});
            }
            number /= 2;
        }
    }
    return all;
}

auto listed(const access_list& list) -> std::string
{
    auto text = std::string{};
    for (const auto& [path, given] : list.at) {
        for (const auto& role : given) {
            text += path + "=" + role.name + " ";
        }
    }
    return text;
}

auto all_met(const std::vector<needed_privilege>& needed, const access_list& list) -> bool
{
    return std::ranges::all_of(needed, [&](const needed_privilege& need) {
        return list.held(need.path).contains(privilege_set{{need.privilege}});
    });
}

auto none_lost(const access_list& before, const access_list& after) -> bool
{
    return std::ranges::all_of(places,
                               [&](const std::string& path) { return after.held(path).contains(before.held(path)); });
}

/// Does as the plan says, and holds it to its word, in every case that there is.
template <typename Follow>
void hold_to_its_word(Follow follow)
{
    static constexpr auto lists = std::size_t{5 * 5 * 5};
    static constexpr auto needs = std::size_t{1} << 6U;
    for (auto number = std::size_t{0}; number < lists * needs; ++number) {
        const auto before = list_of(number / needs);
        const auto needed = needs_of(number % needs);
        for (const auto is_shown : {true, false}) {
            if (!is_shown && denies_nothing_somewhere(before)) {
                continue;
            }
            const auto rights = before.rights(needed, is_shown);
            const auto plan = local_api::plan_grants(reconcile::missing_of(needed, rights.granted), rights);
            auto after = before;
            follow(plan, after);
            if (!all_met(needed, after) || !none_lost(before, after)) {
                INFO("case " << number << ", " << (is_shown ? "shown" : "not shown"));
                INFO("before: " << listed(before) << "after: " << listed(after));
                REQUIRE(all_met(needed, after));
                REQUIRE(none_lost(before, after));
            }
        }
    }
    SUCCEED();
}

} // namespace

TEST_CASE("whatever a token holds and needs, what is to be granted is enough and takes nothing")
{
    hold_to_its_word([](const local_api::grant_plan& plan, access_list& list) {
        for (const auto& gap : plan.gaps) {
            list.follow(gap, gap.paths);
        }
    });
}

TEST_CASE("what would do instead of a grant at each guest is as good")
{
    hold_to_its_word([](const local_api::grant_plan& plan, access_list& list) {
        for (const auto& gap : plan.gaps) {
            const auto replaces = [&](const local_api::privilege_gap& other) { return other.paths == gap.paths; };
            if (std::ranges::none_of(plan.instead, replaces)) {
                list.follow(gap, gap.paths);
            }
        }
        for (const auto& gap : plan.instead) {
            list.follow(gap, {"/vms"});
        }
    });
}
