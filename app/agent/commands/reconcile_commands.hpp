// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/node_io.hpp"
#include "agent/setup/console.hpp"
#include "agent/setup/session.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/operate/guard.hpp>

#include <vector>

namespace felhom::agent {

/// What of a plan is shown.
struct plan_request {
    std::vector<vmid> guests = {}; ///< these only; none: all
    bool only_summary = false;
    bool full = false; ///< nothing is cut, however narrow the terminal
    operate::guard_policy guard = {};
};

/// Shows what `apply` would do. Changes nothing.
[[nodiscard]] auto run_plan(const node_io& in, loaded_pass asked, const plan_request& how, const console& to)
    -> exit_code;

/// Says of one guest, key by key, what is wanted, what there is and what follows. Changes nothing.
[[nodiscard]] auto run_explain(const node_io& in, loaded_pass asked, vmid guest, const console& to) -> exit_code;

} // namespace felhom::agent
