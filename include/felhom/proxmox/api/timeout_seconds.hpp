// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace felhom::proxmox {

/// The seconds that a call takes: never negative.
using timeout_seconds = std::chrono::duration<std::uint32_t>;

} // namespace felhom::proxmox
