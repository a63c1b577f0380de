#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/exchange.hpp>
#include <felhom/proxmox/guest_summary.hpp>
#include <felhom/proxmox/permissions.hpp>
#include <felhom/proxmox/read.hpp>
#include <felhom/proxmox/reply.hpp>
#include <felhom/proxmox/whereabouts.hpp>
#include <felhom/reconcile/actual_state.hpp>
#include <felhom/reconcile/desired_state.hpp>
#include <felhom/reconcile/observation.hpp>
#include <felhom/reconcile/skip_reason.hpp>

#include <range/v3/algorithm/binary_search.hpp>
#include <range/v3/algorithm/find.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
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
        if (!ranges::binary_search(found.guests, guest.id, {}, &proxmox::guest_summary::id)) {
            missing.push_back(guest.id);
        }
    }
    std::ranges::sort(missing);
    return missing;
}

/// Asked only where a guest is missing: what the cluster knows of it, whether that can be relied on, and which of the
/// missing ones would be shown.
[[nodiscard]] inline auto missing_questions(const std::vector<vmid>& missing) -> std::vector<proxmox::request>
{
    if (missing.empty()) {
        return {};
    }
    auto questions = std::vector{proxmox::read::cluster_guests(), proxmox::read::cluster_status()};
    for (const auto id : missing) {
        questions.push_back(proxmox::read::permissions_on(id));
    }
    return questions;
}

/// The answers to missing_questions(missing), in their order. Of none of them anything is known where the cluster does
/// not answer.
[[nodiscard]] inline auto understand_missing(const node_name& node, const survey& found,
                                             const std::vector<vmid>& missing,
                                             const std::vector<proxmox::exchanged>& answers)
    -> std::vector<missing_guest>
{
    static constexpr auto of_all = std::size_t{2};
    auto all = std::vector<missing_guest>{};
    if (answers.size() != of_all + missing.size()) {
        return all;
    }
    const auto cluster = proxmox::understand(answers[0], proxmox::decode_cluster_guests);
    if (!cluster) {
        return all;
    }
    const auto votes = proxmox::quorum_of(answers[1], found.all_nodes_online);
    auto answer = answers.begin() + of_all;
    for (const auto id : missing) {
        auto granted = proxmox::understand(*answer++, proxmox::decode_permissions)
                           .map([](proxmox::permissions held) { return std::optional{std::move(held)}; })
                           .value_or(std::nullopt);
        all.push_back(
            {.id = id, .where = proxmox::whereabouts_of(id, node, /*is_listed_here=*/false, *cluster, votes, granted)});
    }
    return all;
}

/// Where a guest is that the node does not list, as far as it was asked.
[[nodiscard]] inline auto where_is(vmid id, const actual_state& actual) -> proxmox::whereabouts
{
    const auto asked = ranges::find(actual.missing, id, &missing_guest::id);
    return asked == actual.missing.end() ? proxmox::whereabouts{proxmox::guest_not_listed{}} : asked->where;
}

/// What parts such a guest from what is desired of it. Only one that no node has is gone, as it may be desired to be.
[[nodiscard]] inline auto reason_for_missing(bool is_to_be_gone, const proxmox::whereabouts& where)
    -> std::optional<skip_reason>
{
    using reason = std::optional<skip_reason>;
    return std::visit(
        overloaded{
            // It came while the node was read.
            [](const proxmox::guest_is_here&) { return reason{guest_not_visible{}}; },
            [](const proxmox::guest_is_elsewhere& at) { return reason{guest_elsewhere{at}}; },
            [&](const proxmox::guest_is_nowhere&) { return is_to_be_gone ? reason{} : reason{guest_nowhere{}}; },
            [](const proxmox::guest_not_listed& unknown) { return reason{guest_not_visible{unknown.why}}; },
        },
        where);
}

} // namespace felhom::reconcile
