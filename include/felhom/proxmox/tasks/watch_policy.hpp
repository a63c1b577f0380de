// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/tasks/poll_budget.hpp>
#include <felhom/proxmox/tasks/poll_interval.hpp>

#include <chrono>
#include <cstdint>

namespace felhom::proxmox {

struct watch_policy {
    poll_interval interval = proportional_interval{};
    poll_allowance allowance = {};
    /// How many tasks are asked about by themselves in one round, beside the one list.
    std::uint32_t statuses = 2;
    /// Proxmox VE refreshes its list of active tasks when a worker starts and every ten seconds (pve-common
    /// RESTEnvironment.pm active_workers): in between it tells nothing new.
    std::chrono::milliseconds list_refresh{10'000};
    std::chrono::milliseconds grace{3000}; ///< so long after the dispatch "no such task" may mean "not yet"
    std::uint32_t rereads = 2;             ///< so often an odd exit status is read again: the log may be in flush
    std::uint32_t log_lines = 20;          ///< so much of a failed task's log is kept

    friend auto operator==(const watch_policy&, const watch_policy&) -> bool = default;
};

} // namespace felhom::proxmox
