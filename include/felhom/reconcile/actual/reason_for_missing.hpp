// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/model/whereabouts.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/plan/skip_reason.hpp>

#include <algorithm>
#include <optional>
#include <variant>

// What a plan says of a guest that the node does not list.
namespace felhom::reconcile {

/// Where a guest is that the node does not list, as far as it was asked.
[[nodiscard]] inline auto where_is(vmid id, const actual_state& actual) -> proxmox::whereabouts
{
    const auto asked = std::ranges::find(actual.missing, id, &missing_guest::id);
    return asked == actual.missing.end() ? proxmox::whereabouts{proxmox::guest_not_listed{}} : asked->where;
}

/// What parts such a guest from what is desired of it. Only one that no node has is gone, as it may be desired to be.
[[nodiscard]] inline auto reason_for_missing(bool is_to_be_gone, const proxmox::whereabouts& where)
    -> std::optional<skip_reason>
{
    using reason = std::optional<skip_reason>;
    return std::visit(
        overloaded{
            [](const proxmox::guest_is_here&) { return reason{guest_in_motion{}}; },
            [](const proxmox::guest_is_elsewhere& at) { return reason{guest_elsewhere{at}}; },
            [&](const proxmox::guest_is_nowhere&) { return is_to_be_gone ? reason{} : reason{guest_nowhere{}}; },
            [](const proxmox::guest_not_listed& unknown) {
                return unknown.may_be_hidden ? reason{guest_not_visible{unknown.why}}
                                             : reason{whereabouts_unknown{unknown.why, unknown.unread}};
            },
        },
        where);
}

} // namespace felhom::reconcile
