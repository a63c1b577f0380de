#pragma once

#include "agent/engine/node_io.hpp"
#include "agent/setup/console.hpp"
#include "agent/setup/session.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/core/vmid.hpp>

namespace felhom::agent {

/// Shows what `apply` would do. Changes nothing.
[[nodiscard]] auto run_plan(const node_io& in, const loaded_pass& asked, const console& to) -> exit_code;

/// Says of one guest, key by key, what is wanted, what there is and what follows. Changes nothing.
[[nodiscard]] auto run_explain(const node_io& in, const loaded_pass& asked, vmid guest, const console& to) -> exit_code;

} // namespace felhom::agent
