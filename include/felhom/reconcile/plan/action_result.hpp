// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/reconcile/plan/action_outcome.hpp>
#include <felhom/reconcile/plan/plan.hpp>

namespace felhom::reconcile {

/// One action of a plan and what came of it.
struct action_result {
    action what;
    action_outcome outcome;

    friend auto operator==(const action_result&, const action_result&) -> bool = default;
};

} // namespace felhom::reconcile
