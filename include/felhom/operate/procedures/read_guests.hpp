// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/ask.hpp>
#include <felhom/operate/procedures/plan_pass.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/actual/inventory.hpp>
#include <felhom/reconcile/actual/observation.hpp>

#include <tl/expected.hpp>

#include <utility>
#include <vector>

namespace felhom::operate {

/// Reads guests as they are, whatever is desired: these, as far as they are on the node, or all where none is named.
[[nodiscard]] inline auto read_guests(node_name node, std::vector<vmid> named)
    -> reading<tl::expected<reconcile::actual_state, pass_error>>
{
    using failed = tl::unexpected<pass_error>;
    auto surveyed = co_await ask_patiently(reconcile::survey_questions(node));
    auto survey = reconcile::understand_survey(node, std::move(surveyed));
    if (!survey) {
        co_return failed{std::move(survey).error()};
    }
    auto accepted = reconcile::accept_inventory({}, reconcile::inventory_of(*survey), {});
    if (!accepted) {
        co_return failed{std::move(accepted).error()};
    }
    auto wanted = std::vector<vmid>{};
    for (const auto& guest : survey->guests) {
        if (named.empty() || contains(named, guest.id)) {
            wanted.push_back(guest.id);
        }
    }
    auto configs = co_await ask_patiently(reconcile::config_questions(node, *survey, wanted));
    co_return reconcile::understand_observation(node, *std::move(survey), *std::move(accepted), wanted,
                                                std::move(configs));
}

} // namespace felhom::operate
