// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/node_io.hpp"

#include <felhom/proxmox/tasks/task_outcome.hpp>
#include <felhom/proxmox/tasks/task_watch.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

namespace felhom::agent {

/// Where every thread that waits for a task waits: one of them asks for all, so that the node is asked once however
/// many tasks are in flight.
class task_waiter {
public:
    explicit task_waiter(node_io in, proxmox::watch_policy policy = {}) : in_{std::move(in)}, watch_{policy} {}

    /// Waits until the task is over, or so long, or until the waiting is ended.
    [[nodiscard]] auto await(const proxmox::upid& task, std::chrono::milliseconds patience) -> proxmox::finished_task;

    /// Ends all waiting; the tasks themselves run on.
    void close();

private:
    void ask(std::unique_lock<std::mutex>& hold);

    node_io in_;
    std::mutex mutex_;
    std::condition_variable changed_;
    proxmox::task_watch watch_;
    std::map<proxmox::upid, proxmox::finished_task> ended_; ///< not yet taken by those who wait for them
    bool somebody_asks_ = false;
    bool closed_ = false;
};

} // namespace felhom::agent
