// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/commands/progress_watch.hpp"
#include "agent/setup/console.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/local_api/handed_command.hpp>

#include <optional>
#include <string>

namespace felhom::agent {

/// Has the daemon that holds this state directory carry out a command, and prints what it says; meanwhile whoever waits
/// is `told` what is under way. Nothing: no daemon answers there.
[[nodiscard]] auto hand_over(const std::string& state_directory, const local_api::handed_command& handed,
                             watch_rules told, const console& to) -> std::optional<exit_code>;

/// How the daemon is doing that answers at this socket.
[[nodiscard]] auto run_status(const std::string& socket, const console& to) -> exit_code;

} // namespace felhom::agent
