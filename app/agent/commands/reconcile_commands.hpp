#pragma once

#include "agent/engine/node_io.hpp"
#include "agent/engine/pass.hpp"
#include "agent/setup/console.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/core/vmid.hpp>

namespace felhom::agent {

/// Shows what `apply` would do. Changes nothing.
[[nodiscard]] auto run_plan(const node_io& in, const pass_input& input, const console& to) -> exit_code;

/// Says of one guest, key by key, what is wanted, what there is and what follows. Changes nothing.
[[nodiscard]] auto run_explain(const node_io& in, const pass_input& input, vmid guest, const console& to) -> exit_code;

} // namespace felhom::agent
