// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/task_waiter.hpp"
#include "live_node.hpp"
#include "support/catch.hpp"

#include <range/v3/algorithm/all_of.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;
using proxmox::task_outcome;

namespace {

using outcomes = std::vector<task_outcome>;

/// Asks every few milliseconds, so that a test need not wait.
constexpr auto impatient = proxmox::watch_policy{
    .interval = proxmox::proportional_interval{.divisor = 1000, .least = 5ms, .greatest = 5ms},
    .allowance = {.at_once = 1000, .each = 1ms},
};

/// First asks when nobody lives to see it.
constexpr auto sleepy = proxmox::watch_policy{
    .interval = proxmox::proportional_interval{.divisor = 1000, .least = 1h, .greatest = 1h},
};

auto start_of(sim::guest_id guest) -> proxmox::request
{
    return proxmox::mutate::start(*node_name::parse("pve1"), *vmid::from_number(guest));
}

auto stop_of(sim::guest_id guest) -> proxmox::request
{
    return proxmox::mutate::stop(*node_name::parse("pve1"), *vmid::from_number(guest));
}

/// One thread for each task, which waits for it.
auto wait_for_each(agent::task_waiter& desk, const std::vector<proxmox::upid>& tasks,
                   std::chrono::milliseconds patience) -> std::vector<std::future<proxmox::finished_task>>
{
    auto ends = std::vector<std::future<proxmox::finished_task>>{};
    for (const auto& task : tasks) {
        ends.push_back(std::async(std::launch::async, [&desk, task, patience] { return desk.await(task, patience); }));
    }
    return ends;
}

auto begin_all(live_node& node, sim::guest_id guests) -> std::vector<proxmox::upid>
{
    auto tasks = std::vector<proxmox::upid>{};
    for (auto id = live_node::first_guest; id < live_node::first_guest + guests; ++id) {
        tasks.push_back(node.begin(start_of(id)));
    }
    return tasks;
}

void slow_down(live_node& node, std::chrono::milliseconds start)
{
    node.with_node([&](sim::node& on) { on.settings.takes.start = start; });
}

void goes_wrong(live_node& node, sim::fault what)
{
    node.with_node([&](sim::node& on) { on.faults.push_back(std::move(what)); });
}

auto is_cancelled(const proxmox::finished_task& end) -> bool
{
    return end.outcome() == task_outcome{proxmox::unknown_outcome{proxmox::unknown_outcome::reason::cancelled}};
}

} // namespace

TEST_CASE("each waiter hears the end of its own task")
{
    auto node = live_node{3};
    goes_wrong(
        node,
        {.method = "POST", .path = "*/300/status/start", .what = sim::fault_kind::task{sim::task_fault::warns{2}}});
    goes_wrong(node, {.method = "POST",
                      .path = "*/301/status/start",
                      .what = sim::fault_kind::task{sim::task_fault::fails{"volume is gone"}}});
    const auto tasks = begin_all(node, 3);
    auto desk = agent::task_waiter{node.view(), impatient};
    auto ends = wait_for_each(desk, tasks, 1h);
    const auto warned = ends[0].get();
    const auto failed = ends[1].get();
    const auto done = ends[2].get();
    CHECK(warned.task() == tasks[0]);
    CHECK(warned.outcome() == task_outcome{proxmox::succeeded_with_warnings{2}});
    CHECK(failed.task() == tasks[1]);
    REQUIRE(std::holds_alternative<proxmox::task_error>(failed.outcome()));
    CHECK(std::get<proxmox::task_error>(failed.outcome()).exit_status == "volume is gone");
    CHECK(done.task() == tasks[2]);
    CHECK(done.outcome() == task_outcome{proxmox::succeeded{}});
}

TEST_CASE("one round serves all tasks in flight: only one waiter asks at a time, and for all of them")
{
    static constexpr auto guests = 20U;
    auto node = live_node{guests};
    // The lists come slower than the pause between two rounds, so that others find one due while somebody asks.
    node.on_call = [](const proxmox::request& call) {
        if (call.target().find("/status") == std::string::npos) {
            std::this_thread::sleep_for(40ms);
        }
    };
    slow_down(node, 300ms);
    const auto tasks = begin_all(node, guests);
    auto desk = agent::task_waiter{node.view(),
                                   {.interval = proxmox::proportional_interval{.least = 10ms, .greatest = 10ms},
                                    .allowance = {.at_once = 1000, .each = 1ms},
                                    .statuses = guests}};
    auto ends = wait_for_each(desk, tasks, 1h);
    CHECK(ranges::all_of(ends, [](auto& end) { return is_success(end.get().outcome()); }));
    CHECK(node.most_at_once() == 1);
    // Each waiter asking for itself would ask at least once a task.
    CHECK(node.rounds() < guests);
}

TEST_CASE("a task that is not over at its deadline is not waited for any longer")
{
    auto node = live_node{};
    slow_down(node, 1h);
    auto desk = agent::task_waiter{node.view(), impatient};
    const auto end = desk.await(begin_all(node, 1).front(), 30ms);
    CHECK(end.outcome() == task_outcome{proxmox::unknown_outcome{proxmox::unknown_outcome::reason::deadline_passed}});
}

TEST_CASE("a deadline comes in time though no round is due before it")
{
    auto node = live_node{};
    slow_down(node, 1h);
    auto desk = agent::task_waiter{node.view(), sleepy};
    const auto began = real_time();
    static_cast<void>(desk.await(begin_all(node, 1).front(), 30ms));
    CHECK(real_time() - began < 30min);
}

TEST_CASE("the end of a task and the end of patience come in time though somebody sets the clock meanwhile")
{
    for (const auto step : {-1h, 1h}) {
        auto node = live_node{2};
        slow_down(node, 100ms);
        node.on_call = [&node, step, first = std::make_shared<std::atomic<bool>>(true)](const proxmox::request& call) {
            if (call.target().find("/tasks/") != std::string::npos && first->exchange(false)) {
                node.step_clock(step);
            }
        };
        auto desk = agent::task_waiter{node.view(), impatient};
        auto end =
            std::async(std::launch::async, [&, task = node.begin(start_of(300))] { return desk.await(task, 30min); });
        REQUIRE(end.wait_for(30s) == std::future_status::ready);
        CHECK(end.get().outcome() == task_outcome{proxmox::succeeded{}});
        slow_down(node, 1h);
        auto given_up =
            std::async(std::launch::async, [&, task = node.begin(start_of(301))] { return desk.await(task, 30ms); });
        REQUIRE(given_up.wait_for(30s) == std::future_status::ready);
    }
}

TEST_CASE("closing wakes everybody who waits, and nobody waits any more")
{
    auto node = live_node{8};
    slow_down(node, 1h);
    const auto tasks = begin_all(node, 8);
    auto desk = agent::task_waiter{node.view(), sleepy};
    auto ends = wait_for_each(desk, tasks, 1h);
    REQUIRE(ends.front().wait_for(20ms) == std::future_status::timeout);
    desk.close();
    for (auto& end : ends) {
        REQUIRE(end.wait_for(30s) == std::future_status::ready);
        CHECK(is_cancelled(end.get()));
    }
    CHECK(is_cancelled(desk.await(tasks.front(), 1h)));
    CHECK(node.rounds() == 0);
}

TEST_CASE("closing does not wait for an answer of the node, and neither does another who comes to wait")
{
    auto node = live_node{2};
    auto asked = std::promise<void>{};
    auto release = std::promise<void>{};
    auto calls = std::atomic<int>{0};
    node.on_call = [&](const proxmox::request&) {
        if (++calls == 1) {
            asked.set_value();
            release.get_future().wait();
        }
    };
    slow_down(node, 1h);
    const auto tasks = begin_all(node, 2);
    auto desk = agent::task_waiter{node.view(), impatient};
    auto asking = wait_for_each(desk, {tasks[0]}, 1h);
    asked.get_future().wait();
    auto waiting = wait_for_each(desk, {tasks[1]}, 1h);
    auto closing = std::async(std::launch::async, [&] { desk.close(); });
    CHECK(closing.wait_for(30s) == std::future_status::ready);
    CHECK(waiting.front().wait_for(30s) == std::future_status::ready);
    CHECK(asking.front().wait_for(0s) == std::future_status::timeout);
    release.set_value();
    CHECK(is_cancelled(asking.front().get()));
    CHECK(is_cancelled(waiting.front().get()));
}

TEST_CASE("an answer that cannot be read, or that breaks off, does not end the wait")
{
    auto node = live_node{};
    goes_wrong(node, {.method = "GET", .path = "*/tasks/*", .what = sim::fault_kind::garbage{}, .times = 2});
    goes_wrong(node, {.method = "GET", .path = "*/tasks/*", .what = sim::fault_kind::drops_before_apply{}, .times = 2});
    goes_wrong(node, {.method = "GET", .path = "*/tasks/*", .what = sim::fault_kind::answers{500, "no"}, .times = 2});
    auto desk = agent::task_waiter{node.view(), impatient};
    CHECK(desk.await(begin_all(node, 1).front(), 1h).outcome() == task_outcome{proxmox::succeeded{}});
    CHECK(node.rounds() == 7);
}

TEST_CASE("two who wait for one task both hear how it ended")
{
    auto node = live_node{};
    slow_down(node, 50ms);
    const auto task = begin_all(node, 1).front();
    auto desk = agent::task_waiter{node.view(), impatient};
    auto ends = wait_for_each(desk, {task, task}, 1h);
    for (auto& end : ends) {
        const auto heard = end.wait_for(30s) == std::future_status::ready;
        CHECK(heard);
        if (!heard) {
            desk.close(); // else the test would not end
        }
        CHECK(end.get().outcome() == task_outcome{proxmox::succeeded{}});
    }
}

TEST_CASE("many threads that begin and await one task after another each hear of all of theirs")
{
    static constexpr auto guests = 24U;
    static constexpr auto turns = 5;
    auto node = live_node{guests};
    auto desk = agent::task_waiter{node.view(), impatient};
    auto failures = std::atomic<int>{0};
    auto workers = std::vector<std::future<void>>{};
    for (auto id = live_node::first_guest; id < live_node::first_guest + guests; ++id) {
        workers.push_back(std::async(std::launch::async, [&, id] {
            for (auto turn = 0; turn < turns; ++turn) {
                const auto task = node.begin(turn % 2 == 0 ? start_of(id) : stop_of(id));
                const auto end = desk.await(task, 1h);
                failures += end.task() == task && is_success(end.outcome()) ? 0 : 1;
            }
        }));
    }
    for (auto& worker : workers) {
        worker.get();
    }
    CHECK(failures == 0);
    CHECK(node.most_at_once() == 1);
}

TEST_CASE("closed in the middle of much waiting, every waiter gets an end, and the tasks run on")
{
    static constexpr auto guests = 24U;
    auto node = live_node{guests};
    slow_down(node, 30ms);
    const auto tasks = begin_all(node, guests);
    auto desk = agent::task_waiter{node.view(), impatient};
    auto ends = wait_for_each(desk, tasks, 1h);
    std::this_thread::sleep_for(20ms);
    desk.close();
    auto told = std::map<std::string, int>{};
    for (auto& end : ends) {
        const auto heard = end.get();
        ++told[heard.task().text()];
        CHECK((is_success(heard.outcome()) || is_cancelled(heard)));
    }
    CHECK(told.size() == guests);
    const auto last = real_time() + 1h;
    node.with_node([&](sim::node& on) {
        on.advance(last);
        CHECK(ranges::all_of(on.tasks, [](const sim::task& task) { return task.ended.has_value(); }));
    });
}
