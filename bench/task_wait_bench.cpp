// SPDX-License-Identifier: Apache-2.0
#include <felhom/proxmox/tasks/task_watch.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

// How late the end of a task is seen, and how many requests that costs the node, in virtual time: starts whose lengths
// are spread log-uniformly over 0.3 s to 60 s, one alone or many side by side. The node is Proxmox VE's: its list of
// active tasks is as old as the last worker's start or the last ten seconds, and a guest runs a little before its start
// has ended. Figures are counters; the time is our own cost.
namespace {

using namespace felhom; // NOLINT(google-build-using-namespace): a benchmark
using namespace std::chrono_literals;

struct simulated_task {
    proxmox::upid id;
    steady_instant ends;
};

/// What a node answers about its tasks.
auto answer(const proxmox::task_question& question, const std::vector<simulated_task>& tasks, steady_instant start,
            steady_instant now) -> net::exchanged
{
    const auto ok = [](std::string body) {
        return net::response{.status = 200, .reason = "OK", .body = std::move(body)};
    };
    if (const auto* const about = std::get_if<proxmox::task_question::status>(&question.about)) {
        const auto& task =
            *std::find_if(tasks.begin(), tasks.end(), [&](const auto& t) { return t.id == about->task; });
        return ok(task.ends <= now ? R"({"data":{"status":"stopped","exitstatus":"OK"}})"
                                   : R"({"data":{"status":"running"}})");
    }
    static constexpr auto ahead = 200ms;
    auto rows = std::string{};
    const auto add = [&](const std::string& row) { rows += (rows.empty() ? "" : ",") + row; };
    const auto listed_at = std::max(start, steady_instant{now.time_since_epoch() / 10s * 10s});
    for (const auto& task : tasks) {
        if (std::holds_alternative<proxmox::task_question::guest_list>(question.about)) {
            add(R"({"vmid":)" + task.id.id() + R"(,"status":")" + (now + ahead < task.ends ? "stopped" : "running")
                + "\"}");
        } else if (listed_at < task.ends) {
            add(R"({"upid":")" + task.id.text() + R"(","status":"RUNNING"})");
        }
    }
    return ok(R"({"data":[)" + rows + "]}");
}

void wait_for_tasks(benchmark::State& state, const proxmox::watch_policy& policy)
{
    static constexpr auto shortest = 0.3;
    static constexpr auto longest = 60.0;
    auto random = std::minstd_rand{42};
    auto exponent = std::uniform_real_distribution{std::log(shortest), std::log(longest)};
    auto late = 0.0;
    auto ended = 0.0;
    auto requests = 0.0;
    auto seconds = 0.0;
    for (auto _ : state) {
        auto now = steady_instant{1'000'000s};
        const auto start = now;
        auto watch = proxmox::task_watch{policy};
        auto tasks = std::vector<simulated_task>{};
        for (auto number = std::int64_t{0}; number < state.range(0); ++number) {
            auto digits = std::to_string(10'000'000 + number);
            const auto length = std::chrono::milliseconds{static_cast<std::int64_t>(1000 * std::exp(exponent(random)))};
            tasks.push_back({*proxmox::upid::parse("UPID:pve1:" + digits + ":00000001:6B041F31:vzstart:"
                                                   + std::to_string(100 + number) + ":felhom@pve!agent:"),
                             now + length});
            watch.add(tasks.back().id, now, now + 1h);
        }
        while (watch.in_flight() > 0) {
            const auto questions = watch.ask(now);
            if (questions.empty()) {
                now = std::max(now + 1ms, *watch.next_poll());
                continue;
            }
            now += 10ms; // the round trip
            auto answers = std::vector<net::exchanged>{};
            for (const auto& question : questions) {
                answers.push_back(answer(question, tasks, start, now));
            }
            requests += static_cast<double>(questions.size());
            for (const auto& end : watch.on_answers(questions, answers, now)) {
                const auto& task =
                    *std::find_if(tasks.begin(), tasks.end(), [&](const auto& t) { return t.id == end.task(); });
                late += std::chrono::duration<double>(now - task.ends).count();
                ended += 1;
            }
        }
        seconds += std::chrono::duration<double>(now - start).count();
    }
    state.counters["late_s"] = late / ended;
    state.counters["requests_per_s"] = requests / seconds;
}

/// As many rounds as the interval asks for.
constexpr auto unlimited = proxmox::poll_allowance{.at_once = 1, .each = 0ms};

void usual(benchmark::State& state)
{
    wait_for_tasks(state, {});
}
void a_fifth_of_the_time_unlimited(benchmark::State& state)
{
    wait_for_tasks(state, {.interval = proxmox::proportional_interval{.divisor = 5, .least = 100ms, .greatest = 1s},
                           .allowance = unlimited});
}
void peer_exponential_1_to_5_s(benchmark::State& state)
{
    wait_for_tasks(state, {.interval = proxmox::exponential_interval{}, .allowance = unlimited});
}
void peer_fixed_1_s(benchmark::State& state)
{
    wait_for_tasks(state,
                   {.interval = proxmox::proportional_interval{.least = 1s, .greatest = 1s}, .allowance = unlimited});
}

} // namespace

// So many rounds that chance moves a mean by less than a hundredth of a second.
BENCHMARK(usual)->Arg(1)->Arg(4)->Arg(8)->Arg(50)->Iterations(2000);
BENCHMARK(a_fifth_of_the_time_unlimited)->Arg(1)->Arg(4)->Arg(8)->Arg(50)->Iterations(500);
BENCHMARK(peer_exponential_1_to_5_s)->Arg(1)->Arg(50)->Iterations(500);
BENCHMARK(peer_fixed_1_s)->Arg(1)->Arg(50)->Iterations(500);
