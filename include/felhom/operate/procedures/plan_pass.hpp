// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/ask.hpp>
#include <felhom/proxmox/api/caller.hpp>
#include <felhom/proxmox/api/token_id.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/actual/inventory.hpp>
#include <felhom/reconcile/actual/missing_guests.hpp>
#include <felhom/reconcile/actual/observation.hpp>
#include <felhom/reconcile/desired/normal_desired.hpp>
#include <felhom/reconcile/desired/shared_desired.hpp>
#include <felhom/reconcile/plan/planner.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

namespace felhom::operate {

/// Everything that decides a pass besides the node itself.
struct pass_input {
    node_name node;
    proxmox::token_id token; ///< in whose name the node is asked
    reconcile::shared_desired desired = {};
    std::optional<std::uint64_t> generation = std::nullopt; ///< of what is desired; nothing: there is no document
    reconcile::inventory last_inventory;
    reconcile::inventory_policy inventory_rule = {};
    reconcile::plan_policy plan_rule = {};
    lxc::key_table table = lxc::key_table::standard(); ///< by which the desired state was parsed
};

/// Why there is no plan.
using pass_error = std::variant<reconcile::unread_node, reconcile::inventory_shrank, reconcile::invalid_desired,
                                reconcile::invalid_observed>;

/// A plan, with what it was made from.
struct planned_pass {
    reconcile::normal_desired desired;
    reconcile::actual_state actual;
    proxmox::caller who;
    reconcile::plan plan;
};

/// Reads the node and plans.
[[nodiscard]] inline auto plan_pass(pass_input input) -> reading<tl::expected<planned_pass, pass_error>>
{
    using failed = tl::unexpected<pass_error>;
    auto surveyed = co_await ask_patiently(reconcile::survey_questions(input.node));
    auto survey = reconcile::understand_survey(input.node, std::move(surveyed));
    if (!survey) {
        co_return failed{std::move(survey).error()};
    }
    auto accepted =
        reconcile::accept_inventory(input.last_inventory, reconcile::inventory_of(*survey), input.inventory_rule);
    if (!accepted) {
        co_return failed{std::move(accepted).error()};
    }
    auto desired = reconcile::normalize(input.desired, reconcile::facts_of(*survey), input.table);
    if (!desired) {
        co_return failed{std::move(desired).error()};
    }
    const auto wanted = reconcile::guests_to_read(*input.desired, *survey);
    auto configs = co_await ask_patiently(reconcile::config_questions(input.node, *survey, wanted));
    const auto missing = reconcile::missing_guests(*input.desired, *survey);
    const auto searched = co_await ask_patiently(reconcile::missing_questions(missing));
    auto located = reconcile::understand_missing(input.node, *survey, missing, searched);
    auto actual = reconcile::understand_observation(input.node, *std::move(survey), *std::move(accepted), wanted,
                                                    std::move(configs));
    actual.missing = std::move(located);
    auto plan = reconcile::make_plan(*desired, actual, input.plan_rule);
    if (!plan) {
        co_return failed{std::move(plan).error()};
    }
    auto who = proxmox::caller{.token = input.token, .granted = actual.granted};
    co_return planned_pass{
        .desired = *std::move(desired), .actual = std::move(actual), .who = std::move(who), .plan = *std::move(plan)};
}

} // namespace felhom::operate
