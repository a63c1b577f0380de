// SPDX-License-Identifier: Apache-2.0
#include "proxmox/arbitrary.hpp"
#include "support/rapidcheck.hpp"

#include <felhom/proxmox/tasks/task_watch.hpp>

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <map>
#include <sstream>
#include <string>
#include <vector>

using namespace felhom::net;
using namespace felhom::proxmox;
using namespace std::chrono_literals;
using felhom::steady_instant;

namespace {

struct plan {
    std::chrono::milliseconds begins;
    std::chrono::milliseconds lasts;
    std::string exit_status;
};

auto task_number(std::size_t number) -> upid
{
    auto text = std::ostringstream{};
    text << "UPID:pve1:" << std::hex << std::uppercase << std::setfill('0') << std::setw(8) << number + 1
         << ":0006B329:6B041E06:vzstart:" << std::dec << number + 101 << ":felhom@pve!agent:";
    return *upid::parse(text.str());
}

/// A node whose task list is up to ten seconds old, whose guests run a little before their start has ended or not at
/// all, and whose answers get lost now and then.
struct simulated_node {
    std::vector<plan> plans;
    std::uint64_t noise;

    auto lost() -> bool
    {
        noise = noise * 6364136223846793005U + 1442695040888963407U;
        return (noise >> 60U) == 0;
    }

    [[nodiscard]] auto runs(std::size_t number, steady_instant now) const -> bool
    {
        const auto begin = steady_instant{plans[number].begins};
        return now >= begin && now < begin + plans[number].lasts;
    }

    auto answer(const task_question& question, steady_instant now) -> exchanged
    {
        if (lost()) {
            return tl::unexpected(
                transport_error{.what = transport_error::kind::timeout, .maybe_sent = true, .detail = ""});
        }
        const auto reply = [](const std::string& data) {
            return exchanged{response{200, "OK", R"({"data":)" + data + "}"}};
        };
        if (std::holds_alternative<task_question::active_list>(question.about)) {
            const auto refreshed = steady_instant{now.time_since_epoch() / 10s * 10s};
            auto list = std::string{};
            for (auto number = std::size_t{0}; number < plans.size(); ++number) {
                if (runs(number, refreshed) || (runs(number, now) && !runs(number, refreshed))) {
                    list += (list.empty() ? "" : ",") + std::string{R"({"status":"RUNNING","upid":")"}
                            + task_number(number).text() + "\"}";
                }
            }
            return reply("[" + list + "]");
        }
        if (std::holds_alternative<task_question::guest_list>(question.about)) {
            auto list = std::string{};
            for (auto number = std::size_t{0}; number < plans.size(); ++number) {
                const auto up = plans[number].exit_status != "container did not stop"
                                && now + 200ms >= steady_instant{plans[number].begins + plans[number].lasts};
                list += (list.empty() ? "" : ",") + std::string{R"({"vmid":)"} + std::to_string(number + 101)
                        + R"(,"status":")" + (up ? "running" : "stopped") + "\"}";
            }
            return reply("[" + list + "]");
        }
        if (const auto* const status = std::get_if<task_question::status>(&question.about)) {
            const auto number = status->task.pid() - 1;
            return runs(number, now)
                       ? reply(R"({"status":"running"})")
                       : reply(R"({"status":"stopped","exitstatus":")" + plans[number].exit_status + "\"}");
        }
        return reply(R"([{"n":1,"t":"TASK ERROR"}])");
    }
};

auto any_plan() -> rc::Gen<plan>
{
    return rc::gen::apply(
        [](int begins, int lasts, const std::string& exit_status) {
            return plan{std::chrono::milliseconds{begins}, std::chrono::milliseconds{lasts}, exit_status};
        },
        rc::gen::weightedOneOf<int>({{1, rc::gen::just(0)}, {1, rc::gen::inRange(0, 3000)}}),
        rc::gen::weightedOneOf<int>({{1, rc::gen::element(0, 1, 100)}, {2, rc::gen::inRange(0, 20000)}}),
        rc::gen::element<std::string>("OK", "WARNINGS: 2", "container did not stop", "unexpected status"));
}

} // namespace

TEST_CASE("every task comes to one end, the one it had, soon after it had it, and rounds stay small")
{
    rc::prop("waiting", [] {
        const auto plans = *rc::gen::container<std::vector<plan>>(any_plan());
        auto node = simulated_node{plans, *rc::gen::arbitrary<std::uint64_t>()};
        auto watch = task_watch{};
        auto ends = std::map<upid, task_outcome>{};
        auto added = std::size_t{0};
        auto order = std::vector<std::size_t>(plans.size());
        for (auto number = std::size_t{0}; number < plans.size(); ++number) {
            order[number] = number;
        }
        std::sort(order.begin(), order.end(), [&](auto a, auto b) { return plans[a].begins < plans[b].begins; });
        auto now = steady_instant{};
        while (added < plans.size() || watch.in_flight() > 0) {
            RC_ASSERT(now < steady_instant{10min});
            while (added < plans.size() && steady_instant{plans[order[added]].begins} <= now) {
                watch.add(task_number(order[added]), now, steady_instant{1h});
                ++added;
            }
            const auto questions = watch.ask(now);
            auto answers = std::vector<exchanged>{};
            auto about_running = std::size_t{0};
            for (const auto& question : questions) {
                answers.push_back(node.answer(question, now));
                const auto* const status = std::get_if<task_question::status>(&question.about);
                if (std::holds_alternative<task_question::active_list>(question.about)
                    || std::holds_alternative<task_question::guest_list>(question.about)
                    || (status != nullptr && node.runs(status->task.pid() - 1, now))) {
                    ++about_running;
                }
            }
            RC_ASSERT(about_running <= 3U);
            for (const auto& finished : watch.on_answers(questions, answers, now)) {
                RC_ASSERT(ends.emplace(finished.task(), finished.outcome()).second);
                RC_ASSERT(!node.runs(finished.task().pid() - 1, now));
            }
            now += 50ms;
        }
        for (auto number = std::size_t{0}; number < plans.size(); ++number) {
            auto expected = parse_exit_status(plans[number].exit_status);
            if (auto* const error = std::get_if<task_error>(&expected)) {
                const auto& got = std::get<task_error>(ends.at(task_number(number)));
                error->log_tail = got.log_tail; // whose reading may have been lost
            }
            RC_ASSERT(ends.at(task_number(number)) == expected);
        }
    });
}
