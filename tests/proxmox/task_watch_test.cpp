// SPDX-License-Identifier: Apache-2.0
#include "proxmox/sample.hpp"
#include "support/catch.hpp"

#include <felhom/proxmox/tasks/task_watch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace felhom::net;
using namespace felhom::proxmox;
using namespace std::chrono_literals;
using felhom::steady_instant;

namespace {

const auto start = steady_instant{1s};
const auto far = start + 1h;

auto running() -> exchanged
{
    return sample::data(R"({"status":"running"})");
}
auto ended(const std::string& exit_status) -> exchanged
{
    return sample::data(R"({"status":"stopped","exitstatus":")" + exit_status + "\"}");
}
auto no_such_task() -> exchanged
{
    return sample::error(400, "Parameter verification failed.", R"({"data":null,"errors":{"upid":"no such task"}})");
}

/// A node whose answers a test writes down, and the targets it was asked for.
struct node_under_test {
    task_watch watch;
    steady_instant now = start;
    std::vector<std::string> asked = {};

    auto round(const std::function<exchanged(const std::string&)>& answer) -> std::vector<task_outcome>
    {
        now = watch.next_poll().value_or(now);
        const auto questions = watch.ask(now);
        auto answers = std::vector<exchanged>{};
        asked.clear();
        for (const auto& question : questions) {
            asked.push_back(question.request().target());
            answers.push_back(answer(question.request().target()));
        }
        auto outcomes = std::vector<task_outcome>{};
        for (const auto& finished : watch.on_answers(questions, answers, now)) {
            outcomes.push_back(finished.outcome());
        }
        return outcomes;
    }
    auto round(const exchanged& answer) -> std::vector<task_outcome>
    {
        return round([&](const std::string&) { return answer; });
    }
};

auto watching(const upid& task, watch_policy policy = {}) -> node_under_test
{
    auto node = node_under_test{.watch = task_watch{policy}};
    node.watch.add(task, start, far);
    return node;
}

auto unknown(unknown_outcome::reason why, std::string detail = "") -> std::vector<task_outcome>
{
    return {unknown_outcome{why, std::move(detail)}};
}

} // namespace

TEST_CASE("OK, warnings, a failure and an unknown end are four different outcomes")
{
    CHECK(parse_exit_status("OK") == task_outcome{succeeded{}});
    CHECK(parse_exit_status("WARNINGS: 3") == task_outcome{succeeded_with_warnings{3}});
    CHECK(parse_exit_status("WARNINGS: 99999999999") == task_outcome{succeeded_with_warnings{4294967295}});
    CHECK(parse_exit_status("container did not stop")
          == task_outcome{task_error{.exit_status = "container did not stop"}});
    CHECK(parse_exit_status("403 Permission check failed (/vms/100, VM.Backup)")
          == task_outcome{task_error{.exit_status = "403 Permission check failed (/vms/100, VM.Backup)",
                                     .refusal = missing_privilege{"/vms/100", {"VM.Backup"}, ""}}});
    using reason = unknown_outcome::reason;
    CHECK(parse_exit_status("unexpected status")
          == task_outcome{unknown_outcome{reason::worker_vanished, "unexpected status"}});
    CHECK(parse_exit_status("unable to get last line from task log - x")
          == task_outcome{unknown_outcome{reason::log_gone, "unable to get last line from task log - x"}});
    CHECK(parse_exit_status(std::nullopt) == task_outcome{unknown_outcome{reason::worker_vanished, "no exit status"}});
}

TEST_CASE("only OK and warnings are success")
{
    CHECK(is_success(parse_exit_status("OK")));
    CHECK(is_success(parse_exit_status("WARNINGS: 1")));
    for (const auto* text :
         {"", "ok", "OK ", "WARNINGS: ", "WARNINGS: x", "WARNINGS: 1 ", "unexpected status", "error"}) {
        INFO(text);
        CHECK_FALSE(is_success(parse_exit_status(text)));
    }
    CHECK_FALSE(is_success(parse_exit_status(std::nullopt)));
}

TEST_CASE("one task alone is asked about by itself, until it has ended")
{
    auto node = watching(sample::task());
    CHECK(node.round(running()).empty());
    CHECK(node.asked == std::vector{read::task_status(sample::task()).request.target()});
    CHECK(node.round(ended("OK")) == std::vector<task_outcome>{succeeded{}});
    CHECK(node.watch.in_flight() == 0);
    CHECK(node.watch.next_poll() == std::nullopt);
}

namespace {

/// A node with that many starts in flight, all of whose guests are stopped still.
struct busy_node : node_under_test {
    explicit busy_node(std::uint32_t tasks) : node_under_test{.watch = task_watch{}}
    {
        for (auto pid = 1U; pid <= tasks; ++pid) {
            watch.add(start_of(pid), start, far);
        }
    }

    [[nodiscard]] static auto start_of(std::uint32_t pid) -> upid
    {
        return *upid::parse("UPID:pve1:" + std::to_string(10'000'000 + pid)
                            + ":00000001:6B041F31:vzstart:" + std::to_string(100 + pid) + ":felhom@pve!agent:");
    }

    [[nodiscard]] auto answer(const std::string& target) const -> exchanged
    {
        auto rows = std::string{};
        const auto add = [&](const std::string& row) { rows += (rows.empty() ? "" : ",") + row; };
        if (target.find("source=active") != std::string::npos) {
            for (const auto pid : in_list) {
                add(R"({"upid":")" + start_of(pid).text() + R"(","status":"RUNNING"})");
            }
            return sample::data("[" + rows + "]");
        }
        if (target.ends_with("/lxc")) {
            for (auto pid = 1U; pid <= 60; ++pid) {
                add(R"({"vmid":)" + std::to_string(100 + pid) + R"(,"status":")"
                    + (started.contains(pid) ? "running" : "stopped") + "\""
                    + (locked.contains(100 + pid) ? R"(,"lock":"backup"})" : "}"));
            }
            return sample::data("[" + rows + "]");
        }
        for (const auto pid : ended_well) {
            if (target == read::task_status(start_of(pid)).request.target()) {
                return ended("OK");
            }
        }
        return running();
    }

    auto round() -> std::vector<task_outcome>
    {
        return node_under_test::round([&](const std::string& target) { return answer(target); });
    }

    /// Goes on until that target was asked for; nothing may end meanwhile.
    void rounds_until(const std::string& target)
    {
        do {
            REQUIRE(round().empty());
        } while (std::ranges::find(asked, target) == asked.end());
    }

    std::set<std::uint32_t> in_list = {};
    std::set<std::uint32_t> started = {};
    std::set<std::uint32_t> ended_well = {};
    std::set<std::uint32_t> locked = {};
};

const auto active = read::active_tasks(sample::node()).request.target();
const auto guests = read::guests(sample::node()).request.target();

} // namespace

TEST_CASE("however many tasks are in flight, a round is one list")
{
    for (const auto tasks : {2U, 10U, 50U}) {
        auto node = busy_node{tasks};
        for (auto pid = 1U; pid <= tasks; ++pid) {
            node.in_list.insert(pid);
        }
        for (auto rounds = 0; rounds < 6; ++rounds) {
            CHECK(node.round().empty());
            CHECK(node.asked == std::vector{guests});
        }
    }
}

TEST_CASE("the list is that of the guests, and every ten seconds, which refresh it, that of the tasks")
{
    auto node = busy_node{2};
    node.in_list = {1, 2};
    auto asked_at = start;
    while (node.now < start + 60s) {
        node.round();
        const auto is_due = node.now >= asked_at + 10s;
        CHECK(node.asked == std::vector{is_due ? active : guests});
        asked_at = is_due ? node.now : asked_at;
    }
    CHECK(asked_at > start);
}

TEST_CASE("a task whose guest is as it should be is asked about at once")
{
    auto node = busy_node{3};
    node.in_list = {1, 2, 3};
    node.round();
    node.started = {2};
    node.ended_well = {2};
    CHECK(node.round().empty());
    CHECK(node.asked == std::vector{guests});
    const auto then = node.now;
    CHECK(node.round() == std::vector<task_outcome>{succeeded{}});
    CHECK(node.asked == std::vector{read::task_status(busy_node::start_of(2)).request.target()});
    CHECK(node.now == then);
}

TEST_CASE("a guest that is ahead of its task has it asked about again soon, and then after twice as long")
{
    const auto status = read::task_status(busy_node::start_of(2)).request.target();
    auto node = busy_node{3};
    node.in_list = {1, 2, 3};
    node.started = {2};
    node.round(); // the guests: one runs
    node.round(); // at once, and its task runs still
    CHECK(node.asked == std::vector{status});
    const auto seen = node.now;
    node.round();
    CHECK(node.asked == std::vector{status});
    CHECK(node.now == seen + 250ms);
    node.round();
    CHECK(node.asked == std::vector{status});
    CHECK(node.now == seen + 750ms);
}

TEST_CASE("what is asked between two rounds puts the next one off")
{
    const auto second_round_after = [](std::set<std::uint32_t> started) {
        auto node = busy_node{3};
        node.started = std::move(started);
        node.round();
        do {
            node.round();
        } while (std::ranges::find(node.asked, guests) == node.asked.end());
        return node.now;
    };
    CHECK(second_round_after({2}) > second_round_after({}));
}

TEST_CASE("a task that left the list is asked about at once")
{
    auto node = busy_node{3};
    node.in_list = {1, 2};
    node.ended_well = {3};
    node.rounds_until(active);
    const auto then = node.now;
    CHECK(node.round() == std::vector<task_outcome>{succeeded{}});
    CHECK(node.now == then);
}

TEST_CASE("a task that locks its guest is asked about as soon as the guest has no lock, seen before or not")
{
    const auto snapshot = *upid::parse("UPID:pve1:10000001:00000001:6B041F31:vzsnapshot:101:felhom@pve!agent:");
    const auto stopped = task_hint{.power = power_state::stopped, .lock = std::nullopt};
    const auto locked = task_hint{.power = power_state::stopped, .lock = "snapshot"};
    CHECK(suggests_end(snapshot, std::nullopt, stopped));
    CHECK(suggests_end(snapshot, locked, stopped));
    CHECK_FALSE(suggests_end(snapshot, std::nullopt, locked));
    CHECK_FALSE(suggests_end(snapshot, locked, locked));
    CHECK_FALSE(suggests_end(busy_node::start_of(1), std::nullopt, stopped));
}

TEST_CASE("a task that takes its guest's lock late is not suspected once it has it, until the guest has none again")
{
    const auto backup = *upid::parse("UPID:pve1:20000001:00000001:6B041F31:vzdump:110:felhom@pve!agent:");
    const auto status = read::task_status(backup).request.target();
    auto node = busy_node{1};
    node.watch.add(backup, start, far);
    node.round(); // the guests: there is no lock
    node.round();
    CHECK(node.asked == std::vector{status}); // it may have ended already
    node.locked = {110};
    node.rounds_until(guests);
    for (const auto begun = node.now; node.now < begun + 4s;) {
        node.round();
        CHECK(node.asked == std::vector{guests});
    }
    node.locked = {};
    node.rounds_until(guests);
    node.round();
    CHECK(node.asked == std::vector{status});
}

TEST_CASE("of many that may have ended a round asks about two, in the order of their dispatch")
{
    auto node = busy_node{50};
    for (auto pid = 1U; pid <= 50; ++pid) {
        node.started.insert(pid);
        node.ended_well.insert(pid);
    }
    node.round(); // the guests: all run
    for (auto pid = 1U; pid <= 50; pid += 2) {
        CHECK(node.round().size() == 2);
        CHECK(node.asked
              == std::vector{read::task_status(busy_node::start_of(pid)).request.target(),
                             read::task_status(busy_node::start_of(pid + 1)).request.target()});
    }
    CHECK(node.watch.in_flight() == 0);
}

TEST_CASE("requests do not grow with the tasks in flight, nor with the tasks that follow each other")
{
    const auto requests_in_a_minute = [](std::uint32_t at_once) {
        auto node = busy_node{0};
        auto next = std::uint32_t{0};
        auto requests = std::size_t{0};
        while (node.now < start + 60s) {
            while (node.watch.in_flight() < at_once) { // each takes five seconds, and the next follows it
                node.watch.add(busy_node::start_of(++next), node.now, far);
                node.in_list.insert(next);
            }
            for (auto pid = 1U; pid <= next; ++pid) {
                if (node.now >= start + 5s * ((pid - 1) / at_once + 1)) {
                    node.ended_well.insert(pid);
                    node.in_list.erase(pid);
                }
            }
            node.round();
            requests += node.asked.size();
        }
        return static_cast<double>(requests) - next; // each end costs one status, whatever the policy
    };
    const auto alone = requests_in_a_minute(1);
    static constexpr auto allowed = 68; // one a second, and eight ahead of that
    CHECK(alone <= allowed);
    CHECK(requests_in_a_minute(8) <= allowed);
    CHECK(requests_in_a_minute(50) <= allowed);
}

TEST_CASE("a task that the list does not show yet, but that runs, is waited for")
{
    auto node = busy_node{2};
    node.in_list = {1};
    node.rounds_until(active);
    CHECK(node.round().empty());
    CHECK(node.asked == std::vector{read::task_status(busy_node::start_of(2)).request.target()});
    node.ended_well = {2};
    CHECK(node.round() == std::vector<task_outcome>{succeeded{}});
}

TEST_CASE("just after the dispatch 'no such task' means not yet, and later it means that nobody knows")
{
    auto node = watching(sample::task(), {.grace = 1s});
    CHECK(node.round(no_such_task()).empty());
    while (node.now <= start + 1s) {
        const auto outcomes = node.round(no_such_task());
        CHECK(outcomes.empty() == (node.now <= start + 1s));
        if (!outcomes.empty()) {
            CHECK(outcomes == unknown(unknown_outcome::reason::log_gone, "no such task"));
        }
    }
    CHECK(node.watch.in_flight() == 0);
}

TEST_CASE("an odd exit status is read again, since the log may be in flush, and then is unknown")
{
    auto node = watching(sample::task(), {.rereads = 2});
    CHECK(node.round(ended("unexpected status")).empty());
    CHECK(node.round(ended("OK")) == std::vector<task_outcome>{succeeded{}});

    node = watching(sample::task(), {.rereads = 2});
    CHECK(node.round(ended("unexpected status")).empty());
    CHECK(node.round(ended("unexpected status")).empty());
    CHECK(node.round(ended("unexpected status"))
          == unknown(unknown_outcome::reason::worker_vanished, "unexpected status"));
}

TEST_CASE("a failed task comes with the end of its log, from another page when it is long")
{
    auto node = watching(sample::task(), {.log_lines = 2});
    CHECK(node.round(ended("job errors")).empty());
    CHECK(node.round(sample::answer(R"({"data":[{"n":1,"t":"a"},{"n":2,"t":"b"},{"n":3,"t":"c"}],"total":3})"))
          == std::vector<task_outcome>{task_error{.exit_status = "job errors", .log_tail = {"b", "c"}}});

    node = watching(sample::task(), {.log_lines = 2});
    CHECK(node.round(ended("job errors")).empty());
    CHECK(node.round(sample::answer(R"({"data":[{"n":1,"t":"a"}],"total":900})")).empty());
    CHECK(node.round(sample::answer(R"({"data":[{"n":899,"t":"y"},{"n":900,"t":"z"}],"total":900})"))
          == std::vector<task_outcome>{task_error{.exit_status = "job errors", .log_tail = {"y", "z"}}});
    CHECK(node.asked == std::vector{read::task_log(sample::task(), 898, 500).request.target()});
}

TEST_CASE("a failure whose log cannot be read is a failure all the same")
{
    auto node = watching(sample::task());
    CHECK(node.round(ended("container did not stop")).empty());
    CHECK(node.round(sample::error(500, "no"))
          == std::vector<task_outcome>{task_error{"container did not stop", {}, {}}});
}

TEST_CASE("what fails on the way is asked again until the deadline, and then the outcome is unknown")
{
    auto node = node_under_test{.watch = task_watch{}};
    node.watch.add(sample::task(), start, start + 2s);
    const auto broken = transport_error{.what = transport_error::kind::timeout, .maybe_sent = true, .detail = ""};
    auto outcomes = std::vector<task_outcome>{};
    while (outcomes.empty()) {
        REQUIRE(node.now < start + 2s);
        outcomes = node.round(exchanged{tl::unexpected(broken)});
    }
    CHECK(outcomes == unknown(unknown_outcome::reason::deadline_passed));
    CHECK(node.now == start + 2s);
}

TEST_CASE("at the deadline the task is looked at once more")
{
    auto node = node_under_test{.watch = task_watch{}};
    node.watch.add(sample::task(), start, start + 50ms);
    CHECK(node.round(ended("OK")) == std::vector<task_outcome>{succeeded{}});
    CHECK(node.now == start + 50ms);
}

TEST_CASE("a status that may not be read is no success and no failure")
{
    auto node = watching(sample::task());
    CHECK(node.round(sample::error(403, "Permission check failed (/nodes/pve1, Sys.Audit)"))
          == unknown(unknown_outcome::reason::status_refused,
                     "Proxmox VE answered 403: the privilege Sys.Audit is missing on /nodes/pve1"));
}

TEST_CASE("waiting can be given up, and the outcome then is unknown")
{
    auto node = watching(sample::task());
    const auto given_up = node.watch.cancel(sample::task());
    REQUIRE(given_up.has_value());
    CHECK(given_up->outcome() == task_outcome{unknown_outcome{unknown_outcome::reason::cancelled, ""}});
    CHECK(node.watch.in_flight() == 0);
    CHECK_FALSE(node.watch.cancel(sample::task()).has_value());
}

TEST_CASE("nothing is asked before the round is due, nor after the last task is over")
{
    auto watch = task_watch{};
    CHECK(watch.ask(start).empty());
    watch.add(sample::task(), start, far);
    CHECK(watch.ask(start).empty());
    CHECK(watch.next_poll() == start + 650ms);
    CHECK(watch.ask(start + 650ms).size() == 1);
    CHECK(watch.ask(start + 650ms).empty());
}

TEST_CASE("the pause is a fifth of the time gone by, between 0.65 s and 1.4 s")
{
    const auto policy = poll_interval{proportional_interval{}};
    CHECK(pause_after(policy, 0ms, 0) == 650ms);
    CHECK(pause_after(policy, 3000ms, 3) == 650ms);
    CHECK(pause_after(policy, 5000ms, 3) == 1000ms);
    CHECK(pause_after(policy, 1h, 3) == 1400ms);
}

TEST_CASE("a few rounds may follow each other at the policy's interval, then each must wait for its turn")
{
    auto budget = poll_budget{{.at_once = 2, .each = 1s}};
    CHECK(budget.earliest(start) == start);
    budget.spend(start);
    CHECK(budget.earliest(start + 100ms) == start + 100ms);
    budget.spend(start + 100ms);
    CHECK(budget.earliest(start + 200ms) == start + 1s);
    CHECK(budget.earliest(start + 5s) == start + 5s);
    budget.spend(start + 5s);
    CHECK(budget.earliest(start + 5s) == start + 5s);
}

TEST_CASE("or it doubles from one second to five")
{
    const auto policy = poll_interval{exponential_interval{}};
    CHECK(pause_after(policy, 0ms, 0) == 1s);
    CHECK(pause_after(policy, 0ms, 1) == 2s);
    CHECK(pause_after(policy, 0ms, 2) == 4s);
    CHECK(pause_after(policy, 0ms, 3) == 5s);
    CHECK(pause_after(policy, 0ms, 4000000000) == 5s);
}
