// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/setup/command_line.hpp"

#include <felhom/core/exit_code.hpp>

namespace felhom::agent {

/// Works until it is told to end. SIGHUP has it begin anew with what the configuration says by then; one that is wrong
/// leaves the old one in force.
[[nodiscard]] auto run_daemon(const command_line& line) -> exit_code;

} // namespace felhom::agent
