#pragma once

#include "agent/operation_world.hpp"
#include "agent/task_desk.hpp"
#include "io/lanes/lane_pool.hpp"
#include "io/log/journal.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <random>

namespace felhom::agent {

/// The world as it is: the node over HTTPS, the journal on the disk, threads for the lanes.
class live_world {
public:
    /// `look_around` is asked by several threads at once.
    live_world(world node, io::journal& log, operate::lane_limits limits,
               std::function<operate::circumstances()> look_around);

    live_world(const live_world&) = delete;
    live_world(live_world&&) = delete;
    auto operator=(const live_world&) -> live_world& = delete;
    auto operator=(live_world&&) -> live_world& = delete;
    ~live_world() { stop(); }

    /// The capabilities that the engine gets. They refer to this object.
    [[nodiscard]] auto view() -> operation_world;

    /// Lets no operation take another step. Those that are under way stay as they are: a restart takes them up.
    void stop();

    /// The same, without waiting for the threads of those that are under way.
    void halt();

private:
    [[nodiscard]] auto exchange(const std::vector<proxmox::request>& calls) const -> std::vector<proxmox::exchanged>;
    void tell(const operate::operation_record& record) const;
    void sleep_for(std::chrono::milliseconds pause);
    [[nodiscard]] auto jitter() -> double;
    [[nodiscard]] auto in_lanes(std::vector<lane_job> jobs) -> std::vector<lane_end>;

    world node_;
    io::journal& log_;
    std::function<operate::circumstances()> look_around_;
    task_desk desk_;

    std::atomic<bool> stopping_ = false;
    std::mutex mutex_; ///< over the sleepers and the random numbers
    std::condition_variable stopped_;
    std::minstd_rand random_{std::random_device{}()};

    io::lane_pool lanes_; ///< the last member: its threads use all the others
};

} // namespace felhom::agent
