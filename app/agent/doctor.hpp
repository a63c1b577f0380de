// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/setup/console.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/core/log_level.hpp>

#include <optional>
#include <string>

namespace felhom::agent {

/// Looks at everything that the agent needs and changes nothing: configuration, node, privileges, clock, journal, hub
/// and the daemon itself.
[[nodiscard]] auto run_doctor(const std::optional<std::string>& config_file, log_level level, const console& to)
    -> exit_code;

} // namespace felhom::agent
