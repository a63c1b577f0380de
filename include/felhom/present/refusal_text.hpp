// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/hub/hub_policy.hpp>

#include <string>
#include <variant>
#include <vector>

namespace felhom::present {

/// What local policy keeps from the hub, a line each.
[[nodiscard]] inline auto to_text(const std::vector<hub::policy_refusal>& refused) -> std::string
{
    auto text = std::string{};
    for (const auto& refusal : refused) {
        text += "guest " + refusal.id.text() + (refusal.key.empty() ? "" : ", " + refusal.key)
                + ": not for the hub: " + describe(refusal.why) + "\n";
    }
    return text;
}

/// The same of one guest.
[[nodiscard]] inline auto to_text(const std::vector<hub::policy_refusal>& refused, vmid guest) -> std::string
{
    auto of_guest = refused;
    std::erase_if(of_guest, [&](const hub::policy_refusal& refusal) { return !hub::may_be_of(refusal, guest); });
    return to_text(of_guest);
}

} // namespace felhom::present
