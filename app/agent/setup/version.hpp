// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace felhom::agent {

/// What `--version` prints. In a file of its own, so that another commit compiles no more than that again.
extern const std::string_view agent_version;

} // namespace felhom::agent
