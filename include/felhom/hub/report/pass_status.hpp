// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/hub/desired_status.hpp>
#include <felhom/hub/hub_policy.hpp>
#include <felhom/operate/guard.hpp>
#include <felhom/operate/ledger.hpp>
#include <felhom/proxmox/api/caller.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>
#include <felhom/reconcile/plan/action_result.hpp>
#include <felhom/reconcile/plan/plan.hpp>
#include <felhom/reconcile/plan/skip_reason.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// What a pass and the journal tell the hub.
namespace felhom::hub {

namespace detail {

[[nodiscard]] inline auto drift_of(const reconcile::skip_reason& why) -> drift_state
{
    if (std::holds_alternative<reconcile::awaits_restart>(why)) {
        return drift_state::pending_restart;
    }
    const auto unread = std::holds_alternative<reconcile::guest_unreadable>(why)
                        || std::holds_alternative<reconcile::whereabouts_unknown>(why)
                        || std::holds_alternative<reconcile::guest_in_motion>(why)
                        || std::holds_alternative<reconcile::guest_not_visible>(why);
    return unread ? drift_state::unknown : drift_state::held;
}

[[nodiscard]] inline auto drift_of(const operate::hold_reason& why) -> drift_state
{
    return std::holds_alternative<operate::held_as_parked>(why) ? drift_state::parked : drift_state::held;
}

} // namespace detail

/// How each desired guest stands after a pass. Of several states the gravest counts: unknown, parked, held, refused by
/// policy, waiting for a restart.
[[nodiscard]] inline auto drift_after(const std::vector<reconcile::desired_guest>& desired,
                                      const reconcile::plan& planned, const operate::split_plan& split,
                                      const std::vector<reconcile::action_result>& results, const proxmox::caller& who,
                                      const std::vector<policy_refusal>& refused = {}) -> drift_summary
{
    auto guests = std::map<vmid, guest_drift>{};
    for (const auto& guest : desired) {
        guests.try_emplace(guest.id, guest_drift{.id = guest.id, .state = drift_state::in_sync, .reasons = {}});
    }
    const auto note = [&](vmid id, drift_state state, std::string reason) {
        auto& guest = guests.try_emplace(id, guest_drift{.id = id, .state = state, .reasons = {}}).first->second;
        guest.state = std::max(guest.state, state);
        guest.reasons.push_back(std::move(reason));
    };
    for (const auto& refusal : refused) {
        note(refusal.id, drift_state::refused, (refusal.key.empty() ? "" : refusal.key + ": ") + describe(refusal.why));
    }
    for (const auto& left : planned.skips()) {
        note(left.id, detail::drift_of(left.why),
             (left.key.empty() ? "" : left.key + ": ") + reconcile::describe(left.why));
    }
    for (const auto& held : split.held) {
        note(guest_of(held.what), detail::drift_of(held.why),
             std::string{reconcile::name_of(held.what)} + ": " + operate::describe(held.why));
    }
    for (const auto& result : results) {
        if (!reconcile::went_well(result.outcome)) {
            note(guest_of(result.what), drift_state::held, reconcile::describe(result.outcome, who));
        }
    }
    auto all = std::vector<guest_drift>{};
    for (auto& [id, guest] : guests) {
        all.push_back(std::move(guest));
    }
    return summarize(std::move(all));
}

/// The operations that an operator must still look at.
[[nodiscard]] inline auto unknown_operations_of(const operate::ledger& known) -> std::vector<unknown_operation>
{
    auto all = std::vector<unknown_operation>{};
    for (const auto& one : known.open_questions()) {
        all.push_back({.id = number(one.id),
                       .guest = one.guest,
                       .what = std::string{operate::name_of(one.what)},
                       .started = one.started,
                       .detail = one.end ? one.end->detail : std::string{}});
    }
    return all;
}

/// How often each guest was started or stopped within the last day.
[[nodiscard]] inline auto restarts_of(const operate::ledger& known, instant now) -> restart_counts
{
    auto counts = restart_counts{};
    for (const auto& [id, one] : known.operations()) {
        if (const auto [at, is_new] = counts.try_emplace(one.guest, 0U); is_new) {
            at->second = static_cast<std::uint32_t>(known.restarts_since(one.guest, now - std::chrono::hours{24}, now));
        }
    }
    return counts;
}

} // namespace felhom::hub
