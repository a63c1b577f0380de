// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/backoff.hpp>
#include <felhom/proxmox/api/timeout_seconds.hpp>

#include <chrono>
#include <cstdint>

namespace felhom::reconcile {

/// How patiently an action is carried out.
struct run_policy {
    proxmox::timeout_seconds shutdown_timeout{60};
    std::uint32_t most_calls = 4; ///< of a call that found the guest's lock taken
    backoff_policy busy_pause{.first = std::chrono::seconds{1}, .longest = std::chrono::seconds{10}};
    std::uint32_t most_reads = 5; ///< of a state that does not show the effect yet
    backoff_policy read_back_pause{.first = std::chrono::milliseconds{250}, .longest = std::chrono::seconds{8}};
    std::chrono::milliseconds task_deadline = std::chrono::minutes{10};
    /// A task of HA only asks for the change (pve-api.md 6.4): how long HA may take besides the guest's own time.
    std::chrono::milliseconds ha_settles_within = std::chrono::seconds{60};
    std::uint32_t most_guests_at_once = 4;
};

} // namespace felhom::reconcile
