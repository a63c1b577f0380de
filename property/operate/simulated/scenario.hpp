// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "operate/simulated/wishes.hpp"

#include <felhom/core/overloaded.hpp>
#include <felhom/operate/procedures/apply.hpp>
#include <felhom/operate/procedures/plan_pass.hpp>
#include <felhom/operate/procedures/run_pass.hpp>
#include <felhom/operate/procedures/submit.hpp>
#include <felhom/operate/procedures/take_up.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::testing {

/// What must hold, whatever happens. Each names what was broken.
struct broken_law {
    std::string what;
};

/// One node with what is desired of it and what was signed, and an agent that works on both until all is quiet.
class scenario {
public:
    explicit scenario(std::uint32_t seed, sabotage spoil = {})
        : random_{seed}, applies_{seed % 2 == 1}, agent_{node_for_signed_operations(), seed}, spoil_{std::move(spoil)}
    {
        agent_.around = {.now = {}, .signers = listed_signers()};
        agent_.on_recorded = [this](const operate::operation_record& record) { acknowledge(record); };
        agent_.on_call = [this](const proxmox::request& call, const operate::ledger& known) { hear(call, known); };
        if (spoil_) {
            agent_.spoilt = [this] { return spoil_(plain_, agent_); };
        }
        make_faults();
        wishes_ = wishes_at(agent_, std::chrono::hours{6});
    }

    [[nodiscard]] auto agent() -> simulated_agent& { return agent_; }

    /// Runs the agent's program once: takes up what was in flight, carries out what was signed, reconciles until there
    /// is nothing to do.
    void run()
    {
        auto in = agent_.start();
        plain_ = in;
        if (spoil_) {
            in = spoil_(in, agent_);
        }
        demand_acknowledged(agent_.journal().read());
        static_cast<void>(agent::run(in, operate::take_up(simulated_rules())));
        submit_all(in);
        static constexpr auto most_passes = 6;
        for (auto pass = 0; pass < most_passes; ++pass) {
            if (is_reconciled(in)) {
                break;
            }
            agent_.outside().sleep_until(agent_.outside().now() + std::chrono::minutes{2});
        }
        agent_.stop();
    }

    /// Runs with a death at the nth effect, and again until a run ends by itself.
    void run_with_death(std::size_t at, death how, std::size_t and_again_at)
    {
        agent_.die_at(at, how);
        for (auto lives = 0; lives < 8; ++lives) {
            try {
                run();
                break;
            } catch (const agent_died&) {
                agent_.after_death();
                if (lives == 0 && and_again_at > 0) {
                    agent_.die_at(and_again_at, how);
                }
            }
        }
    }

    /// Everything that must hold once all is quiet.
    void check_quiet()
    {
        agent_.live_on();
        let_time_pass();
        auto in = agent_.start();
        const auto known = in.ledger();
        demand(known.in_flight().empty(), "an operation is in flight although all is quiet");
        for (const auto& wish : wishes_) {
            const auto times = agent_.node().effects_of(wish.guest, wish.effect);
            const auto* const state = known.find(wish.blob);
            demand(times <= 1, wish.effect + " happened " + std::to_string(times) + " times");
            if (state == nullptr) {
                demand(times == 0, wish.effect + " happened, and no claim is recorded");
                continue;
            }
            demand(state->end.has_value(), "a claimed operation has no end");
            if (state->end->how == operate::ending::succeeded) {
                demand(times == 1, wish.effect + " is recorded as done, and was not: " + state->end->detail);
            }
            demand(state->end->code != "by_another",
                   wish.effect + " is recorded as done by another, and nobody else was there");
            if (state->end->how == operate::ending::failed) {
                demand(times == 0, wish.effect + " is recorded as failed, and happened: " + state->end->detail);
            }
        }
        demand(agent_.node().effects_of(grown_by_plan, "resize") <= 1, "the plan grew a volume twice");
        demand_acknowledged(known);
        const auto again = agent::run(in.in, operate::plan_pass(simulated_input()));
        demand(again.has_value(), "the node cannot be read although all is quiet");
        demand(again->plan.actions().empty(), "the second plan is not empty");
        agent_.stop();
    }

    /// Without a death and without faults, everything that was signed is done.
    void check_everything_was_done()
    {
        for (const auto& wish : wishes_) {
            demand(agent_.node().effects_of(wish.guest, wish.effect) == 1, wish.effect + " was not done");
        }
        demand(agent_.node().effects_of(grown_by_plan, "resize") == 1, "what the plan was to grow did not grow");
    }

    [[nodiscard]] auto has_faults() const -> bool { return has_faults_; }

private:
    /// Odd worlds apply, which plans anew where somebody else was faster; even ones run a pass. Answers whether nothing
    /// was to be done.
    [[nodiscard]] auto is_reconciled(const agent::operation_io& in) const -> bool
    {
        if (!applies_) {
            const auto report = agent::run(in, operate::run_pass(simulated_input(), simulated_rules()));
            return report && report->split.now.empty();
        }
        const auto perform =
            overloaded{agent::effect_interpreter{in}, [](const operate::show_pass&) { return std::monostate{}; }};
        const auto applied = agent::run(operate::apply(simulated_input(), simulated_rules()), perform);
        return applied && applied->last.split.now.empty();
    }

    static void demand(bool holds, std::string otherwise)
    {
        if (!holds) {
            throw broken_law{std::move(otherwise)};
        }
    }

    /// Some worlds are calm; in others answers are late, lost or wrong, and tasks vanish.
    void make_faults()
    {
        namespace kind = sim::fault_kind;
        if (random_() % 4 == 0) {
            return;
        }
        has_faults_ = true;
        const auto paths = std::array<std::string, 8>{"*/status/start", "*/rollback",  "*/config",        "*/lxc/203*",
                                                      "*/lxc",          "*/content/*", "*/lxc/202/snap*", "*/resize"};
        const auto count = 1 + random_() % 3;
        for (auto index = 0U; index < count; ++index) {
            auto made = sim::fault{
                .method = random_() % 4 == 0 ? "" : std::array<std::string, 3>{"POST", "PUT", "DELETE"}[random_() % 3],
                .path = paths[random_() % paths.size()],
                .what = kind::lock_timeout{}};
            switch (random_() % 9) {
            case 0:
                made.what = kind::drops_after_apply{};
                break;
            case 1:
                made.what = kind::drops_before_apply{};
                break;
            case 2:
                made.what = kind::gateway_timeout{.effect_after = std::chrono::milliseconds{random_() % 20'000}};
                break;
            case 3:
                made.what = kind::task{sim::task_fault::vanishes{.after_its_work = random_() % 2 == 0}};
                break;
            case 4:
                made.what = kind::task{sim::task_fault::forgotten{}};
                break;
            case 5:
                made.what = kind::garbage{};
                break;
            case 6:
                made.what = kind::answers{.status = 500, .reason = "got no worker upid - start worker failed"};
                break;
            case 7:
                made.method = "PUT";
                made.path = "*/config";
                made.what =
                    kind::answers{.status = 500,
                                  .reason = "detected modified configuration - file changed by other user? Try again."};
                break;
            default:
                break;
            }
            agent_.node().faults.push_back(std::move(made));
        }
    }

    /// Brings everything that was signed, also what was brought before.
    void submit_all(const agent::operation_io& in)
    {
        auto sets = std::vector<operate::signature_set>{};
        for (const auto& wish : wishes_) {
            sets.push_back(wish.submitted);
        }
        const auto results = agent::run(in, operate::submit(std::move(sets), simulated_rules()));
        for (auto index = std::size_t{0}; index < wishes_.size(); ++index) {
            if (results[index] && results[index]->is_final()) {
                note_result(wishes_[index], results[index]->state);
            }
        }
    }

    /// A result that was given once is given for ever.
    void note_result(const signed_wish& wish, operate::signed_state state)
    {
        const auto [known, is_new] = results_.try_emplace(wish.blob.bytes, state);
        demand(is_new || known->second == state, "a result that was given changed from "
                                                     + std::string{text_of(known->second)} + " to "
                                                     + std::string{text_of(state)});
    }

    /// The guest that a change is of: in the path, in the form, or in the name of a backup.
    [[nodiscard]] static auto guest_of_call(const proxmox::request& call) -> std::optional<vmid>
    {
        for (const auto& [text, before] : std::array<std::pair<const std::string*, std::string_view>, 3>{
                 {{&call.target(), "/lxc/"}, {&call.form(), "vmid="}, {&call.target(), "vzdump-lxc-"}}}) {
            if (const auto at = text->find(before); at != std::string::npos) {
                const auto begin = at + before.size();
                const auto end = text->find_first_not_of("0123456789", begin);
                if (const auto guest = vmid::parse(text->substr(begin, end == std::string::npos ? end : end - begin))) {
                    return *guest;
                }
            }
        }
        return std::nullopt;
    }

    /// What a call tells of the agent that makes it.
    void hear(const proxmox::request& call, const operate::ledger& known)
    {
        if (call.method() == net::http_method::get) {
            return;
        }
        const auto& target = call.target();
        const auto guest = guest_of_call(call);
        demand(guest.has_value(), "a change of no guest: " + target);
        auto in_flight = std::vector<operate::operation_state>{};
        for (auto& state : known.in_flight()) {
            if (state.guest == *guest) {
                in_flight.push_back(std::move(state));
            }
        }
        demand(!in_flight.empty(), "a change that the journal does not announce: " + target);
        demand(in_flight.size() == 1, "two operations on one guest at once");
        const auto destructive = call.method() == net::http_method::del || target.find("/rollback") != std::string::npos
                                 || call.form().find("force=1") != std::string::npos
                                 || call.form().find("protection=0") != std::string::npos;
        demand(!destructive || in_flight.front().claim.has_value(),
               "a destructive call without a signature: " + target);
    }

    void acknowledge(const operate::operation_record& record)
    {
        if (const auto* const started = std::get_if<operate::operation_started>(&record)) {
            acknowledged_.insert(started->id);
        } else if (const auto* const claimed = std::get_if<operate::operation_claimed>(&record)) {
            acknowledged_.insert(claimed->id);
        }
    }

    void demand_acknowledged(const operate::ledger& known) const
    {
        for (const auto id : acknowledged_) {
            demand(known.find(id) != nullptr, "an operation that was recorded is forgotten");
        }
    }

    /// Late effects come, tasks end.
    void let_time_pass() { agent_.outside().sleep_until(agent_.outside().now() + std::chrono::hours{1}); }

    std::mt19937 random_;
    bool applies_;
    simulated_agent agent_;
    sabotage spoil_;
    agent::operation_io plain_;
    bool has_faults_ = false;
    std::vector<signed_wish> wishes_;
    std::map<std::array<unsigned char, sha256_digest::size>, operate::signed_state> results_;
    std::set<operate::operation_id> acknowledged_;
};

} // namespace felhom::testing
