// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/operation_io.hpp"
#include "agent/engine/task_waiter.hpp"
#include "io/journal/journal.hpp"
#include "io/lanes/lane_pool.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace felhom::agent {

/// What a job comes to, for all who wait for it.
class awaited_end {
public:
    void set(operate::lane_end end);

    /// The end, or that it has not come until then; in that case `later` is called once it comes.
    [[nodiscard]] auto wait(std::optional<std::chrono::steady_clock::time_point> until,
                            const std::function<void(const operate::lane_end&)>& later) -> operate::lane_end;

    [[nodiscard]] auto has_come() -> bool;

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool has_come_ = false;
    operate::lane_end end_;
    std::vector<std::function<void(const operate::lane_end&)>> later_;
};

/// The world as it is: the node over HTTPS, the journal on the disk, threads for the lanes.
class live_io {
public:
    /// `look_around` is asked by several threads at once.
    live_io(node_io node, io::journal& log, operate::lane_limits limits,
            std::function<operate::host_switches()> look_around);

    live_io(const live_io&) = delete;
    live_io(live_io&&) = delete;
    auto operator=(const live_io&) -> live_io& = delete;
    auto operator=(live_io&&) -> live_io& = delete;
    ~live_io() { stop(); }

    /// The capabilities that the engine gets, and how it waits for what it puts into the lanes. They refer to this
    /// object.
    [[nodiscard]] auto view(lane_wait wait = {}) -> operation_io;

    /// Lets no operation take another step. Those that are under way stay as they are: a restart takes them up.
    void stop();

    /// The same, without waiting for the threads of those that are under way.
    void halt();

private:
    [[nodiscard]] auto exchange(const std::vector<proxmox::request>& calls) const -> std::vector<net::exchanged>;
    void tell(const operate::operation_record& record) const;
    void sleep_for(std::chrono::milliseconds pause);
    [[nodiscard]] auto in_lanes(std::vector<operate::lane_job> jobs, const lane_wait& wait)
        -> std::vector<operate::lane_end>;
    [[nodiscard]] auto put_into_lane(operate::lane_job job) -> std::shared_ptr<awaited_end>;
    [[nodiscard]] auto execute(operate::lane_work& work) -> operate::lane_end;

    node_io node_;
    io::journal& log_;
    std::function<operate::host_switches()> look_around_;
    task_waiter waiter_;

    std::atomic<bool> stopping_ = false;
    std::mutex mutex_; ///< over the sleepers and the names
    std::condition_variable stopped_;
    std::map<std::string, std::shared_ptr<awaited_end>> named_; ///< jobs that are queued or under way

    io::lane_pool lanes_; ///< the last member: its threads use all the others
};

} // namespace felhom::agent
