// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace felhom::agent {

/// The daemon's socket in a state directory.
[[nodiscard]] inline auto command_socket_in(const std::string& state_directory) -> std::string
{
    return state_directory + "/agent.sock";
}

} // namespace felhom::agent
