#pragma once

#include "agent/console.hpp"

#include <felhom/core/exit_code.hpp>

namespace felhom::agent {

/// Starts a simulated node whose guests have drifted, brings it to its desired state over real HTTPS, and shows that
/// nothing is left to do but what needs an operator's signature.
[[nodiscard]] auto run_demo(const console& to) -> exit_code;

} // namespace felhom::agent
