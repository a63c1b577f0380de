// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/operate/lanes.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/execute_signed.hpp>
#include <felhom/operate/procedures/selftest.hpp>
#include <felhom/reconcile/plan/action_outcome.hpp>
#include <felhom/reconcile/plan/action_result.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace felhom::operate {

/// The work of one guest's lane, whatever asked for it.
using lane_work = std::variant<procedure<std::vector<reconcile::action_result>>, procedure<signed_outcome>,
                               procedure<action_outcome>, procedure<std::vector<selftest_step>>>;

struct lane_job {
    vmid guest;
    job_kind kind;
    lane_work work;
    /// Where a job of that name is queued or under way, its end is this one's too, and this one is not begun.
    std::string name = {};
};

/// The job was not waited for any longer: it goes on in its lane, and the journal tells of its end.
struct goes_on {};

/// What a job came to. Nothing: the agent is stopping, and left it where it was; a restart takes it up.
using lane_end = std::optional<std::variant<std::vector<reconcile::action_result>, signed_outcome, action_outcome,
                                            std::vector<selftest_step>, goes_on>>;

/// Whether an end may be followed by something to do: what is still not known tells no more than before.
[[nodiscard]] inline auto tells_something(const lane_end& end) -> bool
{
    const auto* const outcome = end ? std::get_if<action_outcome>(&*end) : nullptr;
    return end && (outcome == nullptr || !std::holds_alternative<reconcile::outcome_unknown>(*outcome));
}

} // namespace felhom::operate
