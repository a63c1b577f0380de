// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/local_api/diagnosis.hpp>
#include <felhom/local_api/privilege_grants.hpp>
#include <felhom/proxmox/model/acl_path.hpp>
#include <felhom/proxmox/model/grant.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>
#include <felhom/reconcile/privileges/idle_privileges.hpp>
#include <felhom/reconcile/privileges/needed_privilege.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// What the token lacks of what is needed of it, and what it holds in vain.
namespace felhom::local_api {

struct privilege_needs {
    std::vector<reconcile::needed_privilege> needed;     ///< as each_once leaves them
    std::vector<reconcile::privilege_on> at_times = {};  ///< not missed, and not in vain
    std::vector<reconcile::privilege_on> selftests = {}; ///< of the guest that they are tried on
    bool are_all_known = false; ///< something is desired, and all of it could be read: else nothing is in vain
};

/// Whether all that is desired was read, so that nothing more can turn out to be needed. Where nothing is desired yet,
/// nobody knows what will be.
[[nodiscard]] inline auto was_read_whole(const reconcile::desired_state& desired, const reconcile::actual_state& actual)
    -> bool
{
    const auto was_read = [&](const reconcile::desired_guest& guest) {
        const auto found = std::ranges::find(actual.guests, guest.id, &reconcile::actual_guest::id);
        return guest.absent
               || (found != actual.guests.end() && std::holds_alternative<reconcile::actual_config>(found->config));
    };
    return !desired.guests.empty() && std::ranges::all_of(desired.guests, was_read);
}

namespace detail {

/// "/vms/101, /vms/102 and 38 more".
[[nodiscard]] inline auto first_of(const std::vector<std::string>& words, std::string_view separator = ", ")
    -> std::string
{
    static constexpr auto most = std::size_t{8};
    auto text = std::string{};
    for (auto at = std::size_t{0}; at < std::min(words.size(), most); ++at) {
        text += (at == 0 ? "" : std::string{separator}) + words[at];
    }
    return words.size() <= most ? text : text + " and " + std::to_string(words.size() - most) + " more";
}

[[nodiscard]] inline auto gap_text(const privilege_gap& gap) -> std::string
{
    auto names = std::string{};
    for (const auto& need : gap.missing) {
        names += (names.empty() ? "" : ", ") + need.privilege + " (" + need.purpose
                 + (gap.paths.size() > 1 ? ", and so on" : "") + ")";
    }
    return first_of(gap.paths) + ": " + names;
}

/// The grant, and after it what is in its way.
[[nodiscard]] inline auto lines_for(const privilege_gap& gap, std::vector<std::string> paths,
                                    const proxmox::token_id& token) -> std::vector<std::string>
{
    auto lines = proxmox::grant_lines({.paths = std::move(paths), .privileges = gap.role}, token);
    for (auto& line : proxmox::removal_lines(gap.in_the_way)) {
        lines.push_back(std::move(line));
    }
    if (gap.may_be_in_the_way) {
        lines.emplace_back(
            "pveum acl list # after the grant: remove the token's entries there and below whose roles hold nothing "
            "more, "
            "since NoAccess overrides every role at its path, and an entry replaces what comes from above");
    }
    return lines;
}

/// A write privilege on every guest reaches those, too, that nobody asked for.
[[nodiscard]] inline auto instead_text(const privilege_gap& gap, const std::vector<vmid>& guests) -> std::string
{
    const auto further =
        std::ranges::count_if(guests, [&](vmid guest) { return !contains(gap.paths, proxmox::acl_path::of(guest)); });
    return "instead of that at each of the " + std::to_string(gap.paths.size())
           + " guests, one grant on /vms would do; it reaches " + std::to_string(further)
           + " further guests that the token is shown, and every one that is made later";
}

[[nodiscard]] inline auto is_held_anywhere(const reconcile::privilege_on& one, const proxmox::permissions& granted)
    -> bool
{
    if (contains(granted.on(one.path), one.privilege)) {
        return true;
    }
    return std::ranges::any_of(granted.paths, [&](const proxmox::path_permissions& at) {
        return reconcile::detail::is_at_or_below(at.path, one.path)
               && contains(at.privileges, one.privilege, &proxmox::held_privilege::name);
    });
}

} // namespace detail

/// What of the needed privileges the token lacks, with the commands that grant it and take nothing; what the self-tests
/// would need; and what it holds in vain.
[[nodiscard]] inline auto diagnose_privileges(const privilege_needs& needs, const token_rights& rights)
    -> std::vector<finding>
{
    auto found = std::vector<finding>{};
    const auto plan = plan_grants(reconcile::missing_of(needs.needed, rights.granted), rights);
    for (const auto& gap : plan.gaps) {
        found.push_back({.subject = "privileges",
                         .kind = finding_kind::bad,
                         .detail = "the token lacks on " + detail::gap_text(gap),
                         .fix = detail::lines_for(gap, gap.paths, rights.token),
                         .code = exit_code::denied});
    }
    for (const auto& gap : plan.instead) {
        found.push_back(advice("privileges", detail::instead_text(gap, rights.guests),
                               detail::lines_for(gap, {std::string{proxmox::acl_path::every_guest}}, rights.token)));
    }
    if (found.empty()) {
        found.push_back(
            good("privileges", "the token holds all " + std::to_string(needs.needed.size()) + " that are needed here"));
    }
    auto untried = std::vector<std::string>{};
    for (const auto& one : needs.selftests) {
        if (!detail::is_held_anywhere(one, rights.granted)) {
            untried.push_back(one.privilege + " on " + one.path);
        }
    }
    if (!untried.empty()) {
        found.push_back(advice("privileges", "the self-tests would need " + detail::first_of(untried),
                               {"nothing, unless `felhom-agent selftest` is to pass; else grant that at the guest that "
                                "it is tried on"}));
    }
    if (!needs.are_all_known) {
        return found;
    }
    auto idle = std::vector<std::string>{};
    auto at_times = needs.at_times;
    at_times.insert(at_times.end(), needs.selftests.begin(), needs.selftests.end());
    for (const auto& one : reconcile::idle_of(needs.needed, at_times, rights.granted)) {
        idle.push_back(one.privilege + " on " + one.path);
    }
    if (!idle.empty()) {
        found.push_back(advice("privileges", "the token holds what nothing here needs: " + detail::listed(idle),
                               {"take them out of its roles (`pveum role list`, `pveum acl list`)"}));
    }
    return found;
}

} // namespace felhom::local_api
