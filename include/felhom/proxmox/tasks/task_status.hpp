// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/tasks/upid.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace felhom::proxmox {

/// How one task stands.
struct task_status {
    bool running;
    std::optional<std::string> exit_status = std::nullopt; ///< only of a task that has ended

    friend auto operator==(const task_status&, const task_status&) -> bool = default;
};

/// One task in a list. In lists Proxmox VE puts the exit status where the state was, and "RUNNING" before there is one.
struct listed_task {
    upid id;
    std::optional<std::string> exit_status = std::nullopt;
    std::optional<std::chrono::sys_seconds> ended = std::nullopt;

    [[nodiscard]] auto running() const -> bool { return !exit_status && !ended; }

    friend auto operator==(const listed_task&, const listed_task&) -> bool = default;
};

/// A part of a task's log.
struct task_log {
    std::vector<std::string> lines;
    std::uint64_t total = 0; ///< the lines there are in all

    friend auto operator==(const task_log&, const task_log&) -> bool = default;
};

} // namespace felhom::proxmox
