// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "demo/demo_stage.hpp"

namespace felhom::demo {

/// The daemon's life with a hub: drift and report, a new generation, a signed destruction, the hub away and back.
[[nodiscard]] auto show_daemon(stage& on) -> bool;

} // namespace felhom::demo
