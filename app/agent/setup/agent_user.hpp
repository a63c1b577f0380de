// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/setup/session.hpp"

#include <tl/expected.hpp>

#include <string>

namespace felhom::agent {

/// A command of root's goes on as the user that the configuration of this path was made for (0640, root's, that user's
/// group), for good: what root leaves in `state_dir`, the agent cannot read. Other processes, and other configurations,
/// stay as they are.
[[nodiscard]] auto become_agent_user(const std::string& configuration) -> tl::expected<void, startup_errors>;

} // namespace felhom::agent
