// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/rapidcheck.hpp"

#include <felhom/hub/hub_policy.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

// The policy a second time, as one would check it by hand.
namespace felhom::hub::testing {

[[nodiscard]] inline auto is_allowed(const reconcile::desired_entry& entry, const hub_policy& policy) -> bool
{
    const auto bare = entry.key.substr(0, entry.key.find_last_not_of("0123456789") + 1);
    for (const auto& name : {entry.key, bare}) {
        for (const auto& [key, values] : policy.keys) {
            if (key != name) {
                continue;
            }
            const auto* const bounds = std::get_if<within>(&values);
            if (bounds == nullptr) {
                return true;
            }
            if (!entry.value || entry.value->empty()) {
                return false;
            }
            auto* end = static_cast<char*>(nullptr);
            const auto number = std::strtod(entry.value->c_str(), &end);
            return *end == '\0' && number >= bounds->least && number <= bounds->greatest;
        }
    }
    return false;
}

[[nodiscard]] inline auto is_allowed(reconcile::run_state state, vmid id, const hub_policy& policy,
                                     const restart_counts& restarts) -> bool
{
    const auto may = state == reconcile::run_state::running ? policy.may_start : policy.may_stop;
    const auto found = restarts.find(id);
    return may && (found == restarts.end() ? 0 : found->second) < policy.restarts_a_day;
}

/// Nothing outside the policy is left, nothing within it is lost, and what is missing is told.
inline void check_is_permitted(const reconcile::desired_state& desired, const hub_policy& policy,
                               const restart_counts& restarts, const permitted_desired& made)
{
    auto expected = permitted_desired{.state = {.generation = desired.generation, .guests = {}}, .refused = {}};
    const auto told = [&](vmid id, const std::string& key) {
        return std::ranges::count_if(
            made.refused, [&](const policy_refusal& refusal) { return refusal.id == id && refusal.key == key; });
    };
    auto refusals = std::size_t{0};
    for (const auto& guest : desired.guests) {
        if (policy.guests && std::ranges::find(*policy.guests, guest.id) == policy.guests->end()) {
            RC_ASSERT(told(guest.id, "") == 1);
            ++refusals;
            continue;
        }
        auto left = guest;
        for (const auto& entry : guest.entries) {
            if (!is_allowed(entry, policy)) {
                std::erase(left.entries, entry);
                RC_ASSERT(told(guest.id, entry.key) == 1);
                ++refusals;
            }
        }
        if (guest.run && !is_allowed(*guest.run, guest.id, policy, restarts)) {
            left.run.reset();
            RC_ASSERT(told(guest.id, "run_state") == 1);
            ++refusals;
        }
        expected.state.guests.push_back(std::move(left));
    }
    RC_ASSERT((made.state == expected.state));
    RC_ASSERT(made.refused.size() == refusals);
}

} // namespace felhom::hub::testing
