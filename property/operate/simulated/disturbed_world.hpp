// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "operate/simulated/call_watch.hpp"
#include "operate/simulated/outcomes.hpp"
#include "operate/simulated/wishes.hpp"

#include <felhom/operate/procedures/run_pass.hpp>
#include <felhom/operate/procedures/submit.hpp>
#include <felhom/operate/procedures/take_up.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace felhom::testing {

/// A disturbance and when it comes: so many effects after the run began, or after the agent first looked at its
/// subject.
struct planned_disturbance {
    disturbance what;
    std::size_t after;
    bool after_a_look;
    bool is_over = false;
};

using call_fault = decltype(sim::fault::what);

/// What takes one of the agent's rules out, for a test that shows that the worlds notice.
struct planted_fault {
    std::string name;
    std::string breach; ///< how the kinds of breach begin that it must lead to
    sabotage spoil = {};
    std::function<void(operate::operating_rules&)> bend = {};
};

/// Thrown where a record could not be written: no procedure takes another step, and the journal is opened anew.
struct session_over {};

/// A world in which any effect of the agent may be preceded by something that it did not do. One of the things that it
/// is to work on is the victim of it all.
class disturbed_world {
public:
    disturbed_world(std::uint32_t seed, const planted_fault& planted)
        : random_{seed}, agent_{node_for_signed_operations(), seed}, watch_{agent_}, planted_{&planted}
    {
        agent_.around = {.now = {}, .signers = listed_signers()};
        agent_.guests_at_once = 1; // so that every look belongs to the call that follows it
        agent_.meanwhile = [this] { meanwhile(); };
        agent_.on_send = [this](const proxmox::request& call) { watch_.sends(call); };
        agent_.on_look_around = [this](const operate::host_switches& said) { watch_.looks_around(said); };
        agent_.on_recorded = [this](const operate::operation_record& record) { watch_.records(record); };
        agent_.on_unrecorded = [] { throw session_over{}; };
        if (planted.spoil) {
            agent_.spoilt = [this] { return planted_->spoil(plain_, agent_); };
        }
        make_wishes(seed);
        make_fault();
        make_disturbances(seed);
    }

    /// Runs the agent, disturbed, until it has nothing to do; and once more when all is calm.
    void run()
    {
        if (random_() % 3 == 0) {
            static constexpr auto usual_length = 150U;
            const auto nth = random_() % usual_length;
            agent_.die_at(nth, static_cast<death>(random_() % 3));
        }
        static constexpr auto most_lives = 6;
        for (auto lives = 0; lives < most_lives && !live(); ++lives) {
        }
        calm_down();
    }

    /// Which laws it broke.
    [[nodiscard]] auto broken() const -> std::vector<std::string>
    {
        auto all = watch_.broken();
        all.insert(all.end(), false_outcomes_.begin(), false_outcomes_.end());
        return all;
    }

    /// The disturbances that fell between the agent's look at the victim and its call.
    [[nodiscard]] auto between() const -> const std::set<disturbance>& { return between_; }

private:
    /// The guest that only the plan is about.
    static constexpr auto planned = subject{.guest = 103};

    // ---- how it is made

    void make_wishes(std::uint32_t seed)
    {
        static constexpr auto valid_for = std::chrono::minutes{30};
        auto all = wishes_at(agent_, valid_for);
        all.push_back(wish_for_a_new_guest(agent_, valid_for));
        watch_.signed_as_it_is({.guest = 203});
        watch_.signed_as_it_is({.guest = 205});
        // Each wish is the victim in turn, and so is a guest that only the plan is about.
        const auto turn = seed / static_cast<std::uint32_t>(disturbances.size()) % (all.size() + 1);
        if (turn == all.size()) {
            victim_ = planned;
            return;
        }
        const auto is_backup = all[turn].guest == 0;
        victim_ = {.guest = is_backup ? sim::guest_id{202} : all[turn].guest, .is_backup = is_backup};
        wishes_.push_back(std::move(all[turn]));
    }

    /// Half of the calls go wrong by themselves.
    void make_fault()
    {
        if (random_() % 2 == 0) {
            return;
        }
        namespace kind = sim::fault_kind;
        static constexpr auto longest_under_way = 45'000U; // ms: the proxy's patience, a lock's, and some
        const auto locked = std::string{"can't lock file '/run/lock/lxc/pve-config-203.lock' - got timeout"};
        const auto kinds = std::array<call_fault, 8>{
            kind::lock_timeout{},
            kind::task{sim::task_fault::fails{locked}},
            kind::drops_after_apply{},
            kind::drops_before_apply{},
            kind::gateway_timeout{.effect_after = std::chrono::milliseconds{random_() % longest_under_way}},
            kind::task{sim::task_fault::vanishes{.after_its_work = random_() % 2 == 0}},
            kind::task{sim::task_fault::forgotten{}},
            kind::answers{.status = 500, .reason = "got no worker upid - start worker failed"}};
        const auto& what = kinds[random_() % kinds.size()];
        for (const auto* const method : {"POST", "PUT", "DELETE"}) {
            agent_.node().faults.push_back(
                {.method = method, .path = "*", .what = what, .times = 1 + static_cast<int>(random_() % 2)});
        }
    }

    void make_disturbances(std::uint32_t seed)
    {
        static constexpr auto soon = 24U;
        static constexpr auto later = 160U;
        const auto add = [&](disturbance what) {
            const auto after_a_look = random_() % 4 != 0;
            plan_.push_back(
                {.what = what, .after = random_() % (after_a_look ? soon : later), .after_a_look = after_a_look});
        };
        add(disturbances[seed % disturbances.size()].what);
        if (random_() % 3 == 0) {
            add(disturbances[random_() % disturbances.size()].what);
        }
        static constexpr auto longest_hold = 1200U;
        hold_lasts_ = std::chrono::seconds{1 + (random_() % longest_hold)};
    }

    // ---- how it runs

    void meanwhile()
    {
        if (!is_running_) {
            return;
        }
        ++effects_;
        const auto is_open = watch_.is_between_look_and_call(victim_);
        if (is_open && !first_look_) {
            first_look_ = effects_;
        }
        if (held_until_ && agent_.node().now() >= *held_until_) {
            held_until_.reset();
            lift_holds(agent_);
        }
        for (auto& one : plan_) {
            const auto from = one.after_a_look ? first_look_ : std::optional<std::size_t>{0};
            if (!one.is_over && from && effects_ >= *from + one.after) {
                one.is_over = true;
                held_until_ = agent_.node().now() + hold_lasts_;
                const auto happened = cause(one.what, victim_, agent_, static_cast<std::uint32_t>(random_()));
                if (happened && is_open) {
                    between_.insert(one.what);
                }
            }
        }
    }

    /// One life of the agent's; true when it ended by itself and needs no other.
    auto live() -> bool
    {
        const auto ended_by_itself = run_program();
        is_running_ = false;
        watch_.work_is_over();
        agent_.disk().heal();
        return ended_by_itself;
    }

    [[nodiscard]] auto run_program() -> bool
    {
        try {
            const auto in = start();
            is_running_ = true;
            static_cast<void>(agent::run(in, operate::take_up(rules())));
            submit_all(in);
            watch_.work_is_over();
            if (victim_ == planned) {
                static_cast<void>(agent::run(in, operate::run_pass(simulated_input(), rules())));
            }
            agent_.stop();
            return true;
        } catch (const agent_died&) {
            agent_.after_death();
        } catch (const session_over&) {
            agent_.stop();
        }
        return false;
    }

    /// Begins a run of the agent's program, with what is planted in it.
    [[nodiscard]] auto start() -> agent::operation_io
    {
        plain_ = agent_.start();
        return planted_->spoil ? planted_->spoil(plain_, agent_) : plain_;
    }

    /// Everything under way ends, and what is in flight is found out once more, undisturbed.
    void calm_down()
    {
        agent_.live_on();
        lift_holds(agent_);
        let_an_hour_pass();
        static_cast<void>(agent::run(start(), operate::take_up(rules())));
        agent_.stop();
        let_an_hour_pass();
        const auto known = agent_.start().ledger();
        agent_.stop();
        false_outcomes_ = false_outcomes(known, agent_.node(), sim::demo_tokens::agent);
    }

    void let_an_hour_pass() { agent_.outside().sleep_until(agent_.outside().now() + std::chrono::hours{1}); }

    [[nodiscard]] auto rules() const -> operate::operating_rules
    {
        auto made = simulated_rules();
        if (planted_->bend) {
            planted_->bend(made);
        }
        return made;
    }

    void submit_all(const agent::operation_io& in)
    {
        auto sets = std::vector<operate::signature_set>{};
        for (const auto& wish : wishes_) {
            sets.push_back(wish.submitted);
        }
        if (!sets.empty()) {
            static_cast<void>(agent::run(in, operate::submit(std::move(sets), rules())));
        }
    }

    std::mt19937 random_;
    simulated_agent agent_;
    call_watch watch_;
    const planted_fault* planted_;
    agent::operation_io plain_;
    subject victim_{};
    std::vector<signed_wish> wishes_;
    std::vector<planned_disturbance> plan_;
    std::chrono::milliseconds hold_lasts_{};
    std::optional<instant> held_until_;
    std::optional<std::size_t> first_look_;
    std::size_t effects_ = 0;
    bool is_running_ = false;
    std::set<disturbance> between_;
    std::vector<std::string> false_outcomes_;
};

} // namespace felhom::testing
