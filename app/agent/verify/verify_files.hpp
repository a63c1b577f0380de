// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/verify/verify_command.hpp"

namespace felhom::agent {

/// The effects of `felhom-agent verify`: the clock, files, and a nonce store that is made where there never was one.
[[nodiscard]] auto verify_with_files() -> verify_io;

} // namespace felhom::agent
