// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/api/question.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/model/guest_lookup.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/model/partial_list.hpp>
#include <felhom/proxmox/model/permissions.hpp>
#include <felhom/proxmox/model/whereabouts.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/actual/observation.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// Guests that are desired, or desired to be gone, and that the node does not list.
namespace felhom::reconcile {

/// The guests that are desired and not in the node's list, in order.
[[nodiscard]] inline auto missing_guests(const desired_state& desired, const survey& found) -> std::vector<vmid>
{
    auto missing = std::vector<vmid>{};
    for (const auto& guest : desired.guests) {
        const auto is_odd = contains(found.odd, std::optional{guest.id}, &proxmox::odd_row::guest);
        if (!is_odd && !std::ranges::binary_search(found.guests, guest.id, {}, &proxmox::guest_summary::id)) {
            missing.push_back(guest.id);
        }
    }
    std::ranges::sort(missing);
    return missing;
}

/// Asked only where a guest is missing: what the cluster knows of it, whether that can be relied on, and what of each
/// the token would be shown.
[[nodiscard]] inline auto missing_questions(const std::vector<vmid>& missing)
{
    using proxmox::read;
    const auto are_any = !missing.empty();
    auto rights = std::vector<proxmox::question<proxmox::permissions>>{};
    std::ranges::transform(missing, std::back_inserter(rights), [](vmid id) { return read::permissions_on(id); });
    return proxmox::questions{are_any ? std::optional{read::cluster_guests()} : std::nullopt,
                              are_any ? std::optional{read::cluster_status()} : std::nullopt, std::move(rights)};
}
using missing_answers = decltype(missing_questions(std::declval<const std::vector<vmid>&>()))::answers;

namespace detail {

/// Where nothing is known of a guest, since a question was not answered.
[[nodiscard]] inline auto not_told(std::string_view what, const proxmox::call_error& why) -> proxmox::guest_not_listed
{
    return {.why = std::string{what} + " could not be read: " + proxmox::describe(why),
            .may_be_hidden = false,
            .unread = why};
}

} // namespace detail

/// What the answers come to, a guest each.
[[nodiscard]] inline auto understand_missing(const node_name& node, const survey& found,
                                             const std::vector<vmid>& missing, const missing_answers& answers)
    -> std::vector<missing_guest>
{
    const auto& [of_cluster, quorate, rights] = answers;
    auto all = std::vector<missing_guest>{};
    if (!of_cluster || !quorate || rights.size() != missing.size()) {
        return all;
    }
    const auto& cluster = *of_cluster;
    const auto has_quorum = proxmox::quorum_of(*quorate, found.all_nodes_online);
    const auto odd_here = proxmox::partial_list<proxmox::guest_summary>{.rows = {}, .odd = found.odd};
    auto about = rights.begin();
    for (const auto id : missing) {
        const auto& granted = *about++;
        const auto where = [&]() -> proxmox::whereabouts {
            if (!cluster) {
                return detail::not_told("the cluster's list of guests", cluster.error());
            }
            if (const auto* const odd = proxmox::first_odd(id, odd_here, *cluster)) {
                return detail::not_told("a row of the lists of guests", odd->why);
            }
            auto seen = proxmox::whereabouts_of(id, node, /*is_listed_here=*/false, cluster->rows, has_quorum,
                                                granted ? std::optional{*granted} : std::nullopt);
            return !granted && std::holds_alternative<proxmox::guest_not_listed>(seen)
                       ? detail::not_told("what the API token may see", granted.error())
                       : seen;
        };
        all.push_back({.id = id, .where = where()});
    }
    return all;
}

} // namespace felhom::reconcile
