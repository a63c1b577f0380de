// SPDX-License-Identifier: Apache-2.0
#include "io/lanes/lane_pool.hpp"

#include <chrono>
#include <csignal>
#include <ctime>
#include <iterator>
#include <utility>

namespace felhom::io {

namespace {

/// How many jobs of one guest are taken at once. A turn that lasts gives back what it has not begun.
constexpr auto most_jobs_a_turn = std::size_t{256};
constexpr auto longest_turn = std::chrono::milliseconds{8};

/// How long a thread waits for work before it ends.
constexpr auto linger = std::chrono::seconds{1};

/// To a few milliseconds, and cheap enough to be read after every job.
auto coarse_now() -> std::chrono::nanoseconds
{
    auto now = timespec{};
    static_cast<void>(::clock_gettime(CLOCK_MONOTONIC_COARSE, &now));
    return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

} // namespace

auto lane_pool::post(vmid guest, operate::job_kind kind, job work) -> tl::expected<void, lanes_closed>
{
    const auto hold = std::lock_guard{door_};
    if (closing_) {
        return tl::unexpected(lanes_closed{});
    }
    arrived_.push_back({.guest = guest, .kind = kind, .work = std::move(work)});
    if (arrived_.size() == 1) { // else somebody has been called already
        call_worker();
    }
    return {};
}

/// Sees to it that somebody comes, if anybody is free. Who is at work comes by himself when his turn is over. At the
/// door.
void lane_pool::call_worker()
{
    if (idle_ > calls_) {
        ++calls_;
        called_.notify_one();
    } else if (alive_.size() < limits_.at_once) {
        start_worker();
    }
}

void lane_pool::start_worker()
{
    for (auto& over : ended_) {
        over.join();
    }
    ended_.clear();
    // Signals are the main thread's.
    auto all = sigset_t{};
    auto before = sigset_t{};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    alive_.emplace_back();
    const auto self = std::prev(alive_.end());
    *self = std::thread{[this, self] { run(self); }};
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void lane_pool::run(workers::iterator self)
{
    auto jobs = jobs_of_turn{};
    auto arrived = std::vector<arrival>{};
    auto turn = std::optional<rule::turn>{};
    for (auto going_on = true; going_on;) {
        const auto next = next_round(turn, jobs, arrived);
        turn = next.turn;
        if (next.more) {
            const auto hold = std::lock_guard{door_};
            call_worker();
        }
        if (turn) {
            run_turn(jobs);
        } else {
            going_on = wait_for_work(self);
        }
    }
}

/// Gives back a turn, carries in what arrived, and takes the next turn.
auto lane_pool::next_round(std::optional<rule::turn> ended, jobs_of_turn& jobs, std::vector<arrival>& arrived) -> round
{
    const auto hold = std::lock_guard{room_};
    if (ended) {
        lanes_.finish(*ended, jobs);
    }
    {
        // In the room already, so that no other worker carries in later ones first.
        const auto at_door = std::lock_guard{door_};
        arrived.swap(arrived_);
    }
    for (auto& one : arrived) {
        lanes_.submit(one.guest, one.kind, std::move(one.work));
    }
    arrived.clear();
    const auto turn = lanes_.start(most_jobs_a_turn, jobs);
    const auto more = turn && lanes_.may_start();
    return {.turn = turn, .more = more};
}

/// False when the worker has ended.
auto lane_pool::wait_for_work(workers::iterator self) -> bool
{
    auto hold = std::unique_lock{door_};
    ++idle_;
    const auto came = called_.wait_for(hold, linger, [&] { return calls_ > 0 || closing_ || !arrived_.empty(); });
    --idle_;
    const auto was_called = calls_ > 0;
    calls_ -= was_called ? 1 : 0;
    if (came && (was_called || !arrived_.empty())) {
        return true;
    }
    ended_.splice(ended_.end(), alive_, self);
    worker_ended_.notify_all();
    return false;
}

/// Runs jobs until they are done or the turn has lasted; leaves those that were not begun.
void lane_pool::run_turn(jobs_of_turn& jobs)
{
    const auto until = coarse_now() + longest_turn;
    auto next = jobs.begin();
    for (auto going_on = true; going_on; ++next) {
        std::exchange(next->job, nullptr)();
        going_on = next + 1 != jobs.end() && coarse_now() < until;
    }
    jobs.erase(jobs.begin(), next);
}

void lane_pool::close()
{
    auto over = workers{};
    {
        auto hold = std::unique_lock{door_};
        closing_ = true;
        called_.notify_all();
        worker_ended_.wait(hold, [&] { return alive_.empty(); });
        over.swap(ended_);
    }
    for (auto& thread : over) {
        thread.join();
    }
}

} // namespace felhom::io
