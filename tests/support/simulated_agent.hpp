// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/operation_io.hpp"
#include "io/journal/journal.hpp"
#include "support/simulated_disk.hpp"
#include "support/simulated_world.hpp"

#include <felhom/operate/lanes.hpp>
#include <felhom/operate/operation/operation_record_json.hpp>
#include <felhom/proxmox/tasks/task_watch.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace felhom::testing {

/// Thrown where the simulated agent dies.
struct agent_died {};

/// How it dies.
enum class death {
    killed,    ///< the process: what it wrote is there, and the node goes on
    disk_lost, ///< as if the machine with its disk had lost power while the node went on
    power_cut, ///< the whole machine: what was not synced is lost, and with it the node's running tasks
};

/// An agent in a world without clocks, sockets and disks of its own: everything that it does to the world is an effect
/// that is counted, and any of them can be its last. Jobs of several guests take turns effect by effect, in an order
/// that the seed decides. The journal is the real one, on a simulated disk.
class simulated_agent {
public:
    static constexpr auto journal_path = "/state/journal.log";

    explicit simulated_agent(sim::node node, std::uint32_t seed = 1)
        : simulated_agent{simulated_world{std::move(node)}, seed}
    {
    }

    explicit simulated_agent(simulated_world outside, std::uint32_t seed = 1)
        : outside_{std::move(outside)}, disk_{seed}, random_{seed}
    {
        const auto made = io::journal::create(disk_.calls(), journal_path, "test", options());
        if (!made) {
            throw std::runtime_error{"the journal could not be made"};
        }
    }

    [[nodiscard]] auto node() -> sim::node& { return outside_.node(); }
    [[nodiscard]] auto outside() -> simulated_world& { return outside_; }
    [[nodiscard]] auto disk() -> tests::simulated_disk& { return disk_; }
    [[nodiscard]] auto journal() -> io::journal& { return *journal_; }
    [[nodiscard]] auto effects() const -> std::size_t { return effects_; }

    /// It dies at the nth effect from now.
    void die_at(std::size_t nth, death how)
    {
        dies_at_ = effects_ + nth;
        death_ = how;
    }

    /// It does not die after all.
    void live_on() { dies_at_.reset(); }

    /// What the owner and the hub say.
    operate::host_switches around;

    /// Called before each call to the node, and with what the agent knows at that moment.
    std::function<void(const proxmox::request&, const operate::ledger&)> on_call;

    /// Called before each effect: what happens in the world without the agent.
    std::function<void()> meanwhile;

    /// Called at the moment when a call leaves, after all that came before it.
    std::function<void(const proxmox::request&)> on_send;

    /// Called with what the owner and the hub answer.
    std::function<void(const operate::host_switches&)> on_look_around;

    /// Called once a record is durable.
    std::function<void(const operate::operation_record&)> on_recorded;

    /// Called once the journal takes no record any more.
    std::function<void()> on_unrecorded;

    /// Of how many guests jobs run at once.
    std::size_t guests_at_once = 3;

    /// A guest's jobs no longer wait for each other: for a test that shows what that breaks.
    bool without_lanes = false;

    /// A receipt for a record that the agent's journal never saw: for tests that let the agent lie to itself.
    [[nodiscard]] auto false_receipt(const hash_chain::payload& record) -> hash_chain::receipt
    {
        const auto nonce = std::string(32, 'f') + std::to_string(1000 + (++false_claims_));
        return *false_journal().claim(nonce, outside_.now() + std::chrono::hours{1}, record);
    }

    /// Begins a run of the program: recovers the journal and hands out the world.
    [[nodiscard]] auto start() -> agent::operation_io
    {
        effect(/*on_disk=*/true);
        auto opened = io::journal::open(disk_.calls(), journal_path, "test", options());
        survived();
        if (!opened) {
            throw std::runtime_error{"the journal could not be opened: " + io::describe(opened.error())};
        }
        journal_ = *std::move(opened);
        watch_ = proxmox::task_watch{};
        return {
            .in = {.exchange = [this](const std::vector<proxmox::request>& calls) { return exchange(calls); },
                   .now = [this] { return outside_.now(); },
                   .sleep_for = [this](std::chrono::milliseconds pause) { outside_.sleep_for(pause); },
                   .steady = [this] { return outside_.steady(); },
                   .jitter = [this] { return static_cast<double>(random_() % 1000) / 1000.0; }},
            .append = [this](const operate::operation_record& record) { return append(record); },
            .claim = [this](const operate::claim_nonce& wanted) { return claim(wanted); },
            .draw_number = [this] { return journal_->draw_number(); },
            .ledger = [this] { return journal_->read(); },
            .await_task = {}, // the lanes below wait for all tasks at once
            .look_around = [this] { return look_around(); },
            .in_lanes = [this](std::vector<operate::lane_job> jobs) { return in_lanes(std::move(jobs)); },
        };
    }

    /// The world as the lanes use it, for a test that spoils it.
    std::function<agent::operation_io()> spoilt;

    /// The agent has died: what that leaves, and the time until it is started again.
    void after_death()
    {
        journal_.reset();
        switch (death_) {
        case death::killed:
            disk_.start_program();
            break;
        case death::power_cut:
            for (auto& task : node().tasks) {
                if (!task.ended) {
                    node().interrupt(task);
                }
            }
            [[fallthrough]];
        case death::disk_lost:
            disk_.power_on();
            break;
        }
        outside_.sleep_until(outside_.now() + std::chrono::seconds{random_() % 90});
    }

    /// An effect beside those of the node and the journal begins, or has ended.
    void touch() { effect(); }

    /// It ends as it should.
    void stop() { journal_.reset(); }

private:
    [[nodiscard]] static auto options() -> io::journal_options { return {.log = {.filled_ahead = 4096}}; }

    /// Counts one effect, and is the last one if it is to be. Inside a call to the disk the call itself is cut.
    void effect(bool on_disk = false)
    {
        if (meanwhile) {
            meanwhile();
        }
        if (dies_at_ && effects_++ == *dies_at_) {
            dies_at_.reset();
            if (on_disk && death_ != death::killed && random_() % 2 == 0) {
                const auto how = random_() % 2 == 0 ? tests::fault::power_cut : tests::fault::cut_after;
                disk_.plan(random_() % 3, how);
                dying_ = true;
                return;
            }
            die();
        } else if (!dies_at_) {
            ++effects_;
        }
    }

    /// After a call to the disk that may have been cut.
    void survived()
    {
        if (std::exchange(dying_, false)) {
            die();
        }
    }

    void heed_failure()
    {
        if (on_unrecorded && journal_->failure()) {
            on_unrecorded();
        }
    }

    [[noreturn]] void die()
    {
        death_ == death::killed ? disk_.kill_program() : disk_.cut_power();
        throw agent_died{};
    }

    [[nodiscard]] auto exchange(const std::vector<proxmox::request>& calls) -> std::vector<net::exchanged>
    {
        auto answers = std::vector<net::exchanged>{};
        for (const auto& call : calls) {
            if (on_call) {
                journal_->look([&](const operate::ledger& known) { on_call(call, known); });
            }
            effect(); // before it is sent
            if (on_send) {
                on_send(call);
            }
            answers.push_back(outside_.send(call));
            effect(); // before its answer is heard
        }
        return answers;
    }

    [[nodiscard]] auto append(const operate::operation_record& record)
        -> tl::expected<hash_chain::receipt, operate::not_recorded>
    {
        effect(/*on_disk=*/true);
        auto made = journal_->append(record).map_error(
            [](const io::log_error& error) { return operate::not_recorded{io::describe(error)}; });
        survived();
        heed_failure();
        if (made && on_recorded) {
            on_recorded(record);
        }
        effect();
        return made;
    }

    [[nodiscard]] auto false_journal() -> io::journal&
    {
        if (!false_journal_) {
            static_cast<void>(io::journal::create(false_disk_.calls(), journal_path, "test", options()));
            false_journal_ = *io::journal::open(false_disk_.calls(), journal_path, "test", options());
        }
        return *false_journal_;
    }

    [[nodiscard]] auto claim(const operate::claim_nonce& wanted)
        -> tl::expected<hash_chain::receipt, authz::replay_error>
    {
        effect(/*on_disk=*/true);
        auto made = journal_->claim(wanted.nonce, wanted.expires_at, wanted.record);
        survived();
        heed_failure();
        if (made && on_recorded) {
            on_recorded(*operate::parse_operation_record(wanted.record.text()));
        }
        effect();
        return made;
    }

    [[nodiscard]] auto look_around() -> operate::host_switches
    {
        effect();
        auto now = around;
        now.now = outside_.now();
        if (on_look_around) {
            on_look_around(now);
        }
        return now;
    }

    // ---- lanes

    struct running_job {
        std::size_t index;
        operate::lanes<std::size_t>::turn turn;
        operate::lane_work work;
        std::optional<steady_instant> wakes = std::nullopt;
        std::optional<proxmox::upid> awaits = std::nullopt;
        std::optional<proxmox::finished_task> task = std::nullopt;

        [[nodiscard]] auto may_step(steady_instant now) const -> bool
        {
            return (!wakes || *wakes <= now) && (!awaits || task);
        }
    };

    [[nodiscard]] auto in_lanes(std::vector<operate::lane_job> jobs) -> std::vector<operate::lane_end>
    {
        const auto world = spoilt ? spoilt() : view();
        auto ends = std::vector<operate::lane_end>(jobs.size());
        auto rule = operate::lanes<std::size_t>{{.at_once = guests_at_once, .allocating_at_once = 1}};
        for (auto index = std::size_t{0}; index < jobs.size(); ++index) {
            rule.submit(without_lanes ? *vmid::from_number(vmid::least + index) : jobs[index].guest, jobs[index].kind,
                        index);
        }
        auto running = std::vector<running_job>{};
        auto taken = std::vector<operate::lanes<std::size_t>::entry>{};
        while (!rule.is_idle()) {
            while (const auto turn = rule.start(1, taken)) {
                const auto index = taken.front().job;
                taken.clear();
                running.push_back({.index = index, .turn = *turn, .work = std::move(jobs[index].work)});
                prepare(running.back());
            }
            auto* const next = pick(running);
            if (next == nullptr) {
                wait(running, world);
                continue;
            }
            if (step(*next, world)) {
                ends[next->index] = result_of(std::move(next->work));
                rule.finish(next->turn, taken);
                running.erase(running.begin() + (next - running.data()));
            }
        }
        return ends;
    }

    /// The world as the effects of a job see it.
    [[nodiscard]] auto view() -> agent::operation_io
    {
        return {
            .in = {.exchange = [this](const std::vector<proxmox::request>& calls) { return exchange(calls); },
                   .now = [this] { return outside_.now(); },
                   .sleep_for = [](std::chrono::milliseconds /*the lanes wait*/) {},
                   .steady = [this] { return outside_.steady(); },
                   .jitter = [this] { return static_cast<double>(random_() % 1000) / 1000.0; }},
            .append = [this](const operate::operation_record& record) { return append(record); },
            .claim = [this](const operate::claim_nonce& wanted) { return claim(wanted); },
            .draw_number = [this] { return journal_->draw_number(); },
            .ledger = [this] { return journal_->read(); },
            .await_task = {},
            .look_around = [this] { return look_around(); },
            .in_lanes = {},
        };
    }

    /// Notes what a job waits for.
    void prepare(running_job& job)
    {
        job.wakes.reset();
        job.awaits.reset();
        job.task.reset();
        const auto* const asked = std::visit([](auto& work) { return work.pending(); }, job.work);
        if (asked == nullptr) {
            return;
        }
        if (const auto* const sleep = std::get_if<operate::sleep_for>(asked)) {
            job.wakes = outside_.steady() + sleep->pause;
        } else if (const auto* const wait = std::get_if<operate::await_task>(asked)) {
            job.awaits = wait->task;
            watch_.add(wait->task, outside_.steady(), outside_.steady() + wait->patience);
        }
    }

    [[nodiscard]] auto pick(std::vector<running_job>& running) -> running_job*
    {
        auto ready = std::vector<running_job*>{};
        for (auto& job : running) {
            if (job.may_step(outside_.steady())) {
                ready.push_back(&job);
            }
        }
        return ready.empty() ? nullptr : ready[random_() % ready.size()];
    }

    /// Performs one effect of a job; true when the job has ended.
    [[nodiscard]] auto step(running_job& job, const agent::operation_io& world) -> bool
    {
        const auto perform = overloaded{
            [&](const operate::await_task& wanted) { return finished(job, wanted, world); },
            [&](const auto& wanted) { return agent::effect_interpreter{world}(wanted); },
        };
        return std::visit(
            [&](auto& work) {
                if (work.pending() != nullptr) {
                    work.step(perform);
                }
                if (work.pending() == nullptr) {
                    return true;
                }
                prepare(job);
                return false;
            },
            job.work);
    }

    [[nodiscard]] static auto finished(const running_job& job, const operate::await_task& wanted,
                                       const agent::operation_io& world) -> proxmox::finished_task
    {
        return world.await_task ? world.await_task(wanted) : *job.task;
    }

    /// Nothing can go on: asks for the tasks when that is due, or lets time pass.
    void wait(std::vector<running_job>& running, const agent::operation_io& world)
    {
        auto wake = watch_.next_poll();
        for (const auto& job : running) {
            if (job.wakes) {
                wake = wake ? std::min(*wake, *job.wakes) : job.wakes;
            }
        }
        if (wake) {
            outside_.sleep_for(*wake - outside_.steady());
        }
        const auto questions = watch_.ask(outside_.steady());
        auto calls = std::vector<proxmox::request>{};
        for (const auto& question : questions) {
            calls.push_back(question.request());
        }
        const auto answers = world.in.exchange(calls);
        for (const auto& ended : watch_.on_answers(questions, answers, outside_.steady())) {
            for (auto& job : running) {
                if (job.awaits == ended.task()) {
                    job.task = ended;
                }
            }
        }
    }

    [[nodiscard]] static auto result_of(operate::lane_work work) -> operate::lane_end
    {
        return std::visit([](auto& ended) -> operate::lane_end { return std::move(ended).result(); }, work);
    }

    simulated_world outside_;
    tests::simulated_disk disk_;
    tests::simulated_disk false_disk_{0};
    std::unique_ptr<io::journal> false_journal_;
    std::size_t false_claims_ = 0;
    std::mt19937 random_;
    std::unique_ptr<io::journal> journal_;
    proxmox::task_watch watch_;
    std::size_t effects_ = 0;
    std::optional<std::size_t> dies_at_;
    death death_ = death::killed;
    bool dying_ = false;
};

} // namespace felhom::testing
