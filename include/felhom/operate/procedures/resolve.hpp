// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/net/transport_error.hpp>
#include <felhom/operate/effect.hpp>
#include <felhom/operate/ledger.hpp>
#include <felhom/operate/node_context.hpp>
#include <felhom/operate/operation/operation_record.hpp>
#include <felhom/operate/operation/postcondition.hpp>
#include <felhom/operate/operation/shown_state.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/call_and_verify.hpp>
#include <felhom/operate/procedures/did_nothing.hpp>
#include <felhom/operate/procedures/judge.hpp>
#include <felhom/operate/procedures/node_survey.hpp>
#include <felhom/operate/procedures/own_task.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/reconcile/plan/action_outcome.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

// Operations that were in flight when the agent stopped: what became of them is found out, never guessed.
namespace felhom::operate {

namespace detail {

[[nodiscard]] inline auto is_own_task(const operation_state& lost) -> bool
{
    const auto wanted = postcondition_of(lost.what);
    return lost.task && wanted && contains(task_types_of(*wanted), lost.task->type());
}

/// What it was made for; nothing where no read would show its effect.
[[nodiscard]] inline auto attempt_of(const operation_state& lost) -> std::optional<attempt>
{
    auto wanted = postcondition_of(lost.what);
    return wanted ? std::optional{attempt{
                        .id = lost.id, .guest = lost.guest, .wanted = *std::move(wanted), .begun = lost.started}}
                  : std::nullopt;
}

[[nodiscard]] inline auto unanswered() -> failure_cause
{
    return proxmox::call_error{net::transport_error{.what = net::transport_error::kind::interrupted,
                                                    .maybe_sent = true,
                                                    .detail = "the agent stopped before the call was answered"}};
}

} // namespace detail

/// Reads the state and says what came of an operation of which nothing is under way any more.
[[nodiscard]] inline auto conclude_lost(attempt of, call_end end, node_context at) -> procedure<action_outcome>
{
    if (std::holds_alternative<config_holds>(of.wanted)) {
        const auto facts = co_await read_node_facts(at.node, at.patience);
        if (!facts) {
            co_return reconcile::outcome_unknown{"the node could not be read: " + proxmox::describe(facts.error().why)};
        }
        at.facts = *facts;
    }
    co_return co_await conclude(std::move(of), std::move(end), std::move(at));
}

/// What is known of an operation that is not understood: whether its task runs.
[[nodiscard]] inline auto follow_unread(operation_state lost, node_context at) -> procedure<action_outcome>
{
    if (!lost.task) {
        co_return reconcile::outcome_unknown{"no read would show its effect"};
    }
    const auto now = co_await read_clock{};
    const auto end = co_await follow_task(*lost.task, detail::time_since(lost.started, now), at.patience);
    if (auto runs = detail::still_running_of(end)) {
        co_return reconcile::outcome_unknown{.detail = "its task has not ended", .still_running = std::move(runs)};
    }
    co_return reconcile::outcome_unknown{"its task has ended, and no read would show its effect"};
}

/// Finds out what became of an operation, now that whoever began it is gone.
[[nodiscard]] inline auto find_out(operation_state lost, node_context at) -> procedure<action_outcome>
{
    const auto of = detail::attempt_of(lost);
    if (!of) {
        co_return co_await follow_unread(std::move(lost), std::move(at));
    }
    auto end = call_end{.trouble = detail::unanswered()};
    const auto has_own = detail::is_own_task(lost);
    if (has_own) {
        const auto now = co_await read_clock{};
        end = co_await follow_task(*lost.task, detail::time_since(lost.started, now), at.patience);
    }
    // Without a task of its own, or when that only found a lock taken, a later call may have started another.
    if (!has_own || (end.trouble && detail::is_busy(*end.trouble))) {
        auto earlier = std::move(end.trouble);
        auto lost_answer = detail::unanswered();
        end = co_await search_and_follow(*of, at, std::move(lost_answer));
        if (end.none_began) {
            end.trouble = std::move(earlier);
        }
    }
    co_return co_await conclude_lost(*of, std::move(end), std::move(at));
}

/// Finds out what became of an operation that was in flight, and records it.
[[nodiscard]] inline auto resolve(operation_state lost, node_context at) -> procedure<action_outcome>
{
    const auto id = lost.id;
    auto outcome = co_await find_out(std::move(lost), std::move(at));
    static_cast<void>(co_await note_end(id, outcome, "after a restart: "));
    co_return outcome;
}

/// Looks once more at an operation whose task took longer than it was waited for, or whose outcome was unknown though
/// its task is known. What is known now is recorded.
[[nodiscard]] inline auto look_again(operation_state known, node_context at) -> procedure<action_outcome>
{
    // As long as the node may take to show how a task ended that has: an odd exit status is read again.
    static constexpr auto a_few_looks = std::chrono::seconds{5};
    const auto of = detail::attempt_of(known);
    const auto was_followed = known.is_followed();
    const auto task = *known.task;
    const auto ended = co_await await_task{task, a_few_looks};
    auto end = detail::end_of(ended);
    if (auto runs = detail::still_running_of(end)) {
        co_return reconcile::outcome_unknown{.detail = "its task has not ended", .still_running = std::move(runs)};
    }
    if (!of) {
        auto outcome =
            action_outcome{reconcile::outcome_unknown{"its task has ended, and no read would show its effect"}};
        if (was_followed) {
            static_cast<void>(co_await note_end(known.id, outcome, "looked up later: "));
        }
        co_return outcome;
    }
    if (!was_followed && end.trouble && detail::is_busy(*end.trouble)) {
        co_return reconcile::outcome_unknown{"its task found a lock taken, and a later call may have started another"};
    }
    if (!detail::is_own_task(known)) {
        end.trouble = detail::unanswered(); // the one that came before its own
    } else if (task.type().starts_with("ha")) {
        end.ha_until = co_await read_steady_clock{};
    }
    auto outcome = co_await conclude_lost(*of, std::move(end), std::move(at));
    if (was_followed || ending_of(outcome) != ending::unknown) {
        static_cast<void>(co_await note_end(known.id, outcome, "looked up later: "));
    }
    co_return outcome;
}

} // namespace felhom::operate
