// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/operate/lanes.hpp>

#include <tl/expected.hpp>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace felhom::io {

/// No job is taken any more.
struct lanes_closed {
    friend auto operator==(const lanes_closed&, const lanes_closed&) -> bool = default;
};

/// Runs jobs in threads of its own, as felhom::operate::lanes lets them: jobs of one guest one after the other, those
/// of different guests side by side. A thread lives only while there is work, and a moment longer.
class lane_pool {
public:
    /// Must not throw.
    using job = std::function<void()>;

    explicit lane_pool(operate::lane_limits limits = {}) : limits_{limits}, lanes_{limits} {}

    lane_pool(const lane_pool&) = delete;
    lane_pool(lane_pool&&) = delete;
    auto operator=(const lane_pool&) -> lane_pool& = delete;
    auto operator=(lane_pool&&) -> lane_pool& = delete;
    ~lane_pool() { close(); }

    /// Hands a job over; never waits.
    [[nodiscard]] auto post(vmid guest, operate::job_kind kind, job work) -> tl::expected<void, lanes_closed>;

    /// Hands work over whose result, or exception, reaches its submitter.
    template <typename Work>
    [[nodiscard]] auto submit(vmid guest, operate::job_kind kind, Work work)
        -> tl::expected<std::future<std::invoke_result_t<Work&>>, lanes_closed>
    {
        using result = std::invoke_result_t<Work&>;
        auto task = std::make_shared<std::packaged_task<result()>>(std::move(work));
        auto outcome = task->get_future();
        return post(guest, kind, [task = std::move(task)] { (*task)(); }).map([&] { return std::move(outcome); });
    }

    /// Takes no more jobs, and returns once those that were taken have ended.
    void close();

private:
    using rule = operate::lanes<job>;
    using jobs_of_turn = std::vector<rule::entry>;
    struct arrival {
        vmid guest;
        operate::job_kind kind;
        job work;
    };
    struct round {
        std::optional<rule::turn> turn;
        bool more = false; ///< another turn could begin
    };
    using workers = std::list<std::thread>;

    void run(workers::iterator self);
    [[nodiscard]] auto next_round(std::optional<rule::turn> ended, jobs_of_turn& jobs, std::vector<arrival>& arrived)
        -> round;
    [[nodiscard]] auto wait_for_work(workers::iterator self) -> bool;
    static void run_turn(jobs_of_turn& jobs);
    void call_worker();
    void start_worker();

    operate::lane_limits limits_;

    // Whoever brings jobs only comes to the door: the workers carry them in, many at a time.
    std::mutex door_;
    std::vector<arrival> arrived_;
    std::condition_variable called_;
    std::condition_variable worker_ended_;
    std::size_t calls_ = 0; ///< for workers that wait: there is a turn to begin
    std::size_t idle_ = 0;
    bool closing_ = false;
    workers alive_;
    workers ended_; ///< whose threads have nothing more to do than to be joined

    std::mutex room_;
    rule lanes_;
};

} // namespace felhom::io
