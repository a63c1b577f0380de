// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/operate/gate/gate_refusal.hpp>
#include <felhom/operate/gate/guest_facts.hpp>
#include <felhom/operate/node_context.hpp>
#include <felhom/operate/obstacle.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/read_facts.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/reconcile/plan/plan.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <string>

namespace felhom::operate {

[[nodiscard]] inline auto resize_of(const reconcile::grow_volume& step) -> guest_resize
{
    return {.disk = step.disk, .size = step.to};
}

/// Holds a planned growth against the guest as it is, as the gate does with one that was signed, and its slot against
/// what was planned from. Answers the digest that the call is to carry.
[[nodiscard]] inline auto look_before_growth(reconcile::grow_volume step, node_context at)
    -> procedure<tl::expected<proxmox::config_digest, std::string>>
{
    using result = tl::expected<proxmox::config_digest, std::string>;
    const auto op = signed_operation{resize_of(step)};
    const auto facts = co_await read_facts(at.node, step.id, op);
    if (!facts) {
        co_return result{tl::unexpected("the guest could not be read: " + facts.error())};
    }
    if (const auto why = obstacle(op, step.id, std::nullopt, *facts)) {
        co_return result{tl::unexpected(describe(*why))};
    }
    const auto& config = facts->guest->config;
    const auto* const value = value_of(config, step.disk.text());
    if (value == nullptr || *value != step.from) {
        co_return result{tl::unexpected(step.disk.text() + " was changed since it was planned")};
    }
    co_return result{config.digest};
}

} // namespace felhom::operate
