#pragma once

#include "agent/engine/operation_io.hpp"
#include "agent/engine/pass.hpp"

#include <felhom/operate/guard.hpp>
#include <felhom/operate/resolve.hpp>
#include <felhom/operate/signed_result.hpp>

#include <tl/expected.hpp>

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace felhom::agent {

/// What holds for every operation of this agent.
struct engine_rules {
    operate::node_context at;
    std::string user; ///< our own, as it stands in a UPID: "felhom@pve!agent"
    operate::gate_policy gate;
    operate::search_policy search = {};
    operate::guard_policy guard = {};
};

/// The context of an operation under these rules.
[[nodiscard]] auto context_of(const engine_rules& rules) -> operate::node_context;

/// One pass: what was seen and planned, what of it was held and what came of the rest.
struct pass_report {
    planned_pass planned;
    operate::split_plan split;
    std::vector<operate::action_result> results;
    bool complete = true;      ///< false: the agent was told to stop
    std::size_t under_way = 0; ///< guests whose work goes on: it was not waited for any longer
};

/// Reads the node, plans, and carries out what policy allows, guests side by side.
[[nodiscard]] auto run_pass(const operation_io& in, const pass_input& input, const engine_rules& rules)
    -> tl::expected<pass_report, pass_error>;

/// Finds out what became of every operation that was in flight when the agent stopped. Answers how many there were.
auto resolve_in_flight(const operation_io& in, const engine_rules& rules) -> std::size_t;

/// Signed operations, those of different guests side by side: for each the answer that is known already, or what comes
/// of it through gate and lane. Nothing: the agent is stopping.
[[nodiscard]] auto submit(const operation_io& in, const engine_rules& rules, std::vector<operate::signature_set> all)
    -> std::vector<std::optional<operate::signed_result>>;

} // namespace felhom::agent
