#pragma once

#include <felhom/operate/call_and_verify.hpp>
#include <felhom/operate/guard.hpp>
#include <felhom/operate/operation_call.hpp>
#include <felhom/operate/reversibility.hpp>
#include <felhom/proxmox/harmless_changes.hpp>
#include <felhom/proxmox/mutate.hpp>
#include <felhom/reconcile/action_result.hpp>
#include <felhom/reconcile/plan.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// What a plan asks for, carried out.
namespace felhom::operate {

using reconcile::action_result;

/// The request of an action, or why there can be none. A plan never holds an action without one; should its tables and
/// the call's disagree, nothing is sent.
[[nodiscard]] inline auto request_of(const reconcile::action& step, const node_context& at)
    -> tl::expected<proxmox::request, std::string>
{
    using result = tl::expected<proxmox::request, std::string>;
    return std::visit(
        overloaded{
            [&](const reconcile::update_config& s) -> result {
                auto set = std::vector<proxmox::config_entry>{};
                auto remove = std::vector<std::string>{};
                auto rows = std::vector<lxc::config_key>{}; // those of another project too
                for (const auto& change : s.changes) {
                    rows.push_back(*change.rule);
                    if (change.to) {
                        set.push_back({.key = change.key, .value = *change.to});
                    } else {
                        remove.push_back(change.key);
                    }
                }
                auto changes =
                    proxmox::config_changes::make(std::move(set), std::move(remove), lxc::key_table::extended(rows));
                if (!changes) {
                    return tl::unexpected(proxmox::describe(changes.error()));
                }
                return proxmox::harmless_changes::of(*std::move(changes))
                    .map([&](const proxmox::harmless_changes& harmless) {
                        return proxmox::mutate::set_config(at.node, s.id, harmless, s.digest);
                    })
                    .map_error([](const proxmox::key_needs_signature& e) { return proxmox::describe(e); });
            },
            [&](const reconcile::start_guest& s) -> result { return proxmox::mutate::start(at.node, s.id); },
            [&](const reconcile::shutdown_guest& s) -> result {
                return proxmox::mutate::shutdown(at.node, s.id, at.patience.shutdown_timeout, s.kill_after_timeout);
            },
        },
        step);
}

/// Carries one action out, between two records of the journal.
[[nodiscard]] inline auto execute(reconcile::action step, std::uint64_t generation, origin from, node_context at,
                                  run_mode who = run_mode::unattended) -> procedure<action_outcome>
{
    const auto not_done = [](std::string why) { return action_outcome{reconcile::not_started{std::move(why)}}; };
    const auto guest = guest_of(step);
    auto call = call_of(step, at.patience);
    const auto wanted = postcondition_of(call);
    auto request = request_of(step, at);
    if (!request || !wanted) {
        co_return not_done(request ? "no read would show its effect" : std::move(request).error());
    }
    if (const auto cost = classify(call.op, call.params); cost.what == reversibility::destructive) {
        co_return not_done("it needs a signature: " + cost.why);
    }
    // The pass was allowed when it began; those before this one took their time.
    const auto around = co_await look_around{};
    if (around.paused || around.blocked) {
        co_return not_done(
            describe(around.paused ? hold_reason{held_by_pause{*around.paused}} : hold_reason{held_by_hub{}}));
    }
    const auto id = co_await draw_number{};
    const auto begun = co_await read_clock{};
    auto record = operation_started{.id = id,
                                    .at = begun,
                                    .guest = guest,
                                    .from = from,
                                    .call = std::move(call),
                                    .generation = generation,
                                    .who = who};
    const auto started = co_await append{std::move(record)};
    if (!started) {
        co_return not_done("the journal could not be written: " + started.error().reason);
    }
    auto outcome = co_await call_and_verify(*std::move(request), *wanted, id, guest, at);
    static_cast<void>(co_await note_end(id, outcome));
    co_return outcome;
}

/// Carries the actions of one guest out, one after the other; after one that did not succeed none is tried.
[[nodiscard]] inline auto carry_out_all(std::vector<reconcile::action> steps, std::uint64_t generation, origin from,
                                        node_context at, run_mode who = run_mode::unattended)
    -> procedure<std::vector<action_result>>
{
    auto results = std::vector<action_result>{};
    auto going_on = true;
    for (auto& step : steps) {
        auto outcome = action_outcome{reconcile::not_attempted{}};
        if (going_on) {
            outcome = co_await execute(step, generation, from, at, who);
            going_on = reconcile::is_achieved(outcome);
        }
        results.push_back({.what = std::move(step), .outcome = std::move(outcome)});
    }
    co_return results;
}

} // namespace felhom::operate
