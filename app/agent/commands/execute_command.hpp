// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/setup/console.hpp"
#include "agent/setup/operating_session.hpp"
#include "agent/setup/session.hpp"

#include <felhom/config/layered.hpp>
#include <felhom/core/exit_code.hpp>
#include <felhom/local_api/handed_command.hpp>

#include <string>

namespace felhom::agent {

/// What a command that changes something works with.
struct command_context {
    const config::layered& from;
    const node_session& node;
    operating_session& session;
    lane_wait wait = {};
};

/// Carries out a command for a user of this machine, who stands in the journal by name: the same whether the command
/// line does it itself or the daemon does it for one.
[[nodiscard]] auto execute_command(const local_api::handed_command& handed, const command_context& in,
                                   const std::string& by, const console& to) -> exit_code;

} // namespace felhom::agent
