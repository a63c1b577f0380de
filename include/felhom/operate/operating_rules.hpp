// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/operate/gate/authorization.hpp>
#include <felhom/operate/guard.hpp>
#include <felhom/operate/node_context.hpp>

#include <string>

namespace felhom::operate {

/// What holds for every operation of this agent.
struct operating_rules {
    node_context at;
    std::string user; ///< our own, as it stands in a UPID: "felhom@pve!agent"
    gate_policy gate;
    search_policy search = {};
    guard_policy guard = {};
};

/// The context of an operation under these rules.
[[nodiscard]] inline auto context_of(const operating_rules& rules) -> node_context
{
    auto at = rules.at;
    at.user = rules.user;
    at.search = rules.search;
    return at;
}

} // namespace felhom::operate
