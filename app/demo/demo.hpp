// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/setup/console.hpp"

#include <felhom/core/exit_code.hpp>

#include <string>

namespace felhom::demo {

/// Runs `agent`, a felhom-agent by its path or its name in PATH: starts a simulated node whose guests have drifted,
/// brings it to its desired state over real HTTPS, and shows that nothing is left to do but what needs an operator's
/// signature.
[[nodiscard]] auto run_demo(const agent::console& to, const std::string& agent) -> exit_code;

} // namespace felhom::demo
