// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/api/question.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/model/acl_path.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/model/node_status.hpp>
#include <felhom/proxmox/model/partial_list.hpp>
#include <felhom/proxmox/model/permissions.hpp>
#include <felhom/proxmox/model/whereabouts.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

// What to ask about a guest that may be on another node, and what the answers come to.
namespace felhom::proxmox {

/// Whether the cluster has quorum: without it a node tells what was so before. By the answer to read::cluster_status,
/// or else by whether all nodes are online. A node that stands alone has no row for a cluster.
[[nodiscard]] inline auto quorum_of(const answered<std::optional<bool>>& held, bool all_nodes_online)
    -> tl::expected<bool, call_error>
{
    if (!held && !all_nodes_online) {
        return tl::unexpected(held.error());
    }
    return !held || held->value_or(true);
}

/// What the lists and the token's rights on the guest come to.
[[nodiscard]] inline auto whereabouts_of(vmid guest, const node_name& here, bool is_listed_here,
                                         const std::vector<cluster_guest>& cluster,
                                         const tl::expected<bool, call_error>& has_quorum,
                                         const std::optional<permissions>& granted) -> whereabouts
{
    const auto found = std::ranges::find(cluster, guest, &cluster_guest::id);
    const auto is_listed = found != cluster.end();
    if (is_listed_here || (is_listed && found->node == here && found->type == cluster_guest::kind::lxc)) {
        return guest_is_here{};
    }
    if (is_listed) {
        return guest_is_elsewhere{.node = found->node, .type = found->type};
    }
    const auto path = acl_path::of(guest);
    if (!granted || !contains(granted->on(path), "VM.Audit")) {
        return guest_not_listed{"the API token may not see it: what it was granted on " + path
                                + " goes with the guest; VM.Audit on /vms stays"};
    }
    if (!has_quorum) {
        return guest_not_listed{.why = "whether the cluster has quorum (Sys.Audit on /) could not be read: "
                                       + describe(has_quorum.error()),
                                .may_be_hidden = false,
                                .unread = has_quorum.error()};
    }
    if (!*has_quorum) {
        return guest_not_listed{.why = "the cluster has no quorum", .may_be_hidden = false};
    }
    return guest_is_nowhere{};
}

/// The row that may be the guest's, of a guest that no other row shows.
[[nodiscard]] inline auto first_odd(vmid guest, const partial_list<guest_summary>& here,
                                    const partial_list<cluster_guest>& cluster) -> const odd_row*
{
    const auto* const odd_here = odd_row_of(guest, here.odd);
    if (odd_here != nullptr || contains(cluster.rows, guest, &cluster_guest::id)) {
        return odd_here;
    }
    return odd_row_of(guest, cluster.odd);
}

/// What to ask about one guest. What may be seen is asked last, since it may go with the guest.
[[nodiscard]] inline auto whereabouts_questions(vmid guest, const node_name& node)
{
    return questions{read::guests(node), read::cluster_guests(), read::cluster_status(), read::cluster_nodes(),
                     read::permissions_on(guest)};
}
using whereabouts_answers =
    decltype(whereabouts_questions(std::declval<vmid>(), std::declval<const node_name&>()))::answers;

/// What the answers come to. Without both lists of guests nothing is known.
[[nodiscard]] inline auto understand_whereabouts(vmid guest, const node_name& node, const whereabouts_answers& answers)
    -> tl::expected<whereabouts, call_error>
{
    const auto& [here, cluster, quorate, nodes, granted] = answers;
    if (!here || !cluster) {
        return tl::unexpected(here ? cluster.error() : here.error());
    }
    const auto is_listed = contains(here->rows, guest, &guest_summary::id);
    const auto* const odd = is_listed ? nullptr : first_odd(guest, *here, *cluster);
    if (odd != nullptr) {
        return tl::unexpected(call_error{odd->why});
    }
    return whereabouts_of(guest, node, is_listed, cluster->rows, quorum_of(quorate, nodes && are_all_online(*nodes)),
                          granted ? std::optional{*granted} : std::nullopt);
}

} // namespace felhom::proxmox
