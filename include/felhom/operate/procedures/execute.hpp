// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/operate/effect.hpp>
#include <felhom/operate/guard.hpp>
#include <felhom/operate/node_context.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/operation_record.hpp>
#include <felhom/operate/operation/postcondition.hpp>
#include <felhom/operate/operation/reversibility.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/call_and_verify.hpp>
#include <felhom/operate/procedures/judge.hpp>
#include <felhom/operate/procedures/look_before_growth.hpp>
#include <felhom/proxmox/api/mutate.hpp>
#include <felhom/proxmox/api/request.hpp>
#include <felhom/proxmox/errors/config_changes_error.hpp>
#include <felhom/proxmox/model/config_changes.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/proxmox/model/harmless_changes.hpp>
#include <felhom/reconcile/plan/action_outcome.hpp>
#include <felhom/reconcile/plan/action_result.hpp>
#include <felhom/reconcile/plan/plan.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// What a plan asks for, carried out.
namespace felhom::operate {

using reconcile::action_result;

/// An action of a plan: the operation that is recorded, the request that is sent, or why there can be none, and what a
/// read must show then. A plan never holds an action without a request; should its tables and the call's disagree,
/// nothing is sent.
struct planned_operation {
    operation what;
    tl::expected<proxmox::request, std::string> request;
    postcondition wanted;
};

namespace detail {

[[nodiscard]] inline auto set_config_of(const reconcile::update_config& step) -> guest_set_config
{
    auto made = guest_set_config{};
    for (const auto& change : step.changes) {
        if (change.to) {
            made.set.push_back({.key = change.key, .value = *change.to});
        } else {
            made.remove.push_back(change.key);
        }
    }
    return made;
}

[[nodiscard]] inline auto request_of(const guest_set_config& op, vmid guest, const proxmox::config_digest& seen,
                                     const node_context& at) -> tl::expected<proxmox::request, std::string>
{
    auto changes = proxmox::config_changes::make(op.set, op.remove, at.table);
    if (!changes) {
        return tl::unexpected(proxmox::describe(changes.error()));
    }
    return proxmox::harmless_changes::of(*std::move(changes))
        .map([&](const proxmox::harmless_changes& harmless) {
            return proxmox::mutate::set_config(at.node, guest, harmless, seen);
        })
        .map_error([](const proxmox::key_needs_signature& e) { return proxmox::describe(e); });
}

} // namespace detail

/// The only place where a plan's action becomes an operation.
[[nodiscard]] inline auto operation_of(const reconcile::action& step, const node_context& at) -> planned_operation
{
    const auto made = [](auto op, tl::expected<proxmox::request, std::string> request) {
        auto wanted = shown_by(op);
        return planned_operation{.what = std::move(op), .request = std::move(request), .wanted = std::move(wanted)};
    };
    return std::visit(
        overloaded{
            [&](const reconcile::update_config& s) {
                auto op = detail::set_config_of(s);
                auto request = detail::request_of(op, s.id, s.digest, at);
                return made(std::move(op), std::move(request));
            },
            [&](const reconcile::grow_volume& s) {
                return made(resize_of(s), proxmox::mutate::resize(at.node, s.id, s.disk, s.to, s.digest));
            },
            [&](const reconcile::start_guest& s) { return made(guest_start{}, proxmox::mutate::start(at.node, s.id)); },
            [&](const reconcile::shutdown_guest& s) {
                const auto op =
                    guest_shutdown{.timeout = at.patience.shutdown_timeout, .force_stop = s.kill_after_timeout};
                return made(op, proxmox::mutate::shutdown(at.node, s.id, op.timeout, op.force_stop));
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
    if (auto* const growth = std::get_if<reconcile::grow_volume>(&step)) {
        auto seen = co_await look_before_growth(*growth, at);
        if (!seen) {
            co_return not_done(std::move(seen).error());
        }
        growth->digest = *std::move(seen);
    }
    auto planned = operation_of(step, at);
    if (!planned.request) {
        co_return not_done(std::move(planned.request).error());
    }
    if (const auto cost = cost_of(planned.what); cost.what == reversibility::destructive) {
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
                                    .what = std::move(planned.what),
                                    .generation = generation,
                                    .who = who};
    const auto started = co_await append{std::move(record)};
    if (!started) {
        co_return not_done("the journal could not be written: " + started.error().reason);
    }
    auto outcome = co_await call_and_verify(*std::move(planned.request), std::move(planned.wanted), id, guest, at);
    static_cast<void>(co_await note_end(id, outcome));
    co_return outcome;
}

/// Nothing of what comes behind a growth needs it: a storage without space keeps no guest from its start.
[[nodiscard]] inline auto is_growth_left_out(const reconcile::action& step, const action_outcome& outcome) -> bool
{
    return std::holds_alternative<reconcile::grow_volume>(step)
           && std::holds_alternative<reconcile::not_started>(outcome);
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
            going_on = reconcile::is_achieved(outcome) || is_growth_left_out(step, outcome);
        }
        results.push_back({.what = std::move(step), .outcome = std::move(outcome)});
    }
    co_return results;
}

} // namespace felhom::operate
