// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/backoff.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/steady_instant.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/net/response.hpp>
#include <felhom/operate/effect.hpp>
#include <felhom/operate/node_context.hpp>
#include <felhom/operate/operation/operation_record.hpp>
#include <felhom/operate/operation/postcondition.hpp>
#include <felhom/operate/operation/shown_state.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/did_nothing.hpp>
#include <felhom/operate/procedures/judge.hpp>
#include <felhom/operate/procedures/locate.hpp>
#include <felhom/operate/procedures/look.hpp>
#include <felhom/operate/procedures/own_task.hpp>
#include <felhom/proxmox/api/mutation_reply.hpp>
#include <felhom/proxmox/api/request.hpp>
#include <felhom/proxmox/model/whereabouts.hpp>
#include <felhom/proxmox/tasks/upid.hpp>
#include <felhom/reconcile/plan/action_outcome.hpp>
#include <felhom/reconcile/plan/run_policy.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace felhom::operate {

/// Tells the journal how an operation ended. Should that not be written, a restart looks at the state again.
[[nodiscard]] inline auto note_end(operation_id id, action_outcome outcome, std::string_view before = {},
                                   std::string_view after = {}) -> procedure<bool>
{
    const auto now = co_await read_clock{};
    auto record =
        operation_ended{.id = id,
                        .at = now,
                        .how = ending_of(outcome),
                        .detail = std::string{before} + brief(reconcile::describe(outcome)) + std::string{after},
                        .code = std::string{code_of_end(outcome)}};
    const auto written = co_await append{std::move(record)};
    co_return written.has_value();
}

/// Waits for the task that a call may have started, whose number the journal learns first. Where the answer does not
/// tell, the task is looked for.
[[nodiscard]] inline auto hear_out(net::exchanged answer, attempt of, node_context at) -> procedure<call_end>
{
    const auto reply = proxmox::understand_mutation(answer);
    if (!reply) {
        auto trouble = failure_cause{reply.error()};
        if (detail::was_never_made(reply.error())) {
            co_return call_end{.trouble = std::move(trouble), .was_made = false};
        }
        if (!detail::is_certain(trouble)) {
            co_return co_await search_and_follow(std::move(of), std::move(at), std::move(trouble));
        }
        co_return call_end{.trouble = std::move(trouble)};
    }
    const auto* const task = std::get_if<proxmox::upid>(&*reply);
    if (task == nullptr) {
        co_return call_end{.trouble = std::nullopt};
    }
    static_cast<void>(co_await note_task(of.id, *task));
    co_return co_await follow_task(*task, std::chrono::milliseconds{0}, at.patience);
}

/// Where a guest is that the node does not have, where that tells more of what came of an operation.
[[nodiscard]] inline auto look_elsewhere(postcondition wanted, observed_state seen, vmid guest, node_context at)
    -> procedure<observed_state>
{
    const auto tells_more = !std::holds_alternative<guest_gone>(wanted) && !std::holds_alternative<guest_made>(wanted);
    if (!seen.is_missing || !tells_more) {
        co_return seen;
    }
    const auto found = co_await locate(guest, at.node);
    if (const auto* const at_another = found ? std::get_if<proxmox::guest_is_elsewhere>(&*found) : nullptr) {
        seen.elsewhere = *at_another;
        seen.detail = proxmox::describe(*at_another);
    }
    co_return seen;
}

/// Reads the state until it is as wanted, or the patience is at its end, which it is not before what HA may take.
/// `one_look`: until it could be read at all.
[[nodiscard]] inline auto read_back(postcondition wanted, vmid guest, node_context at, bool one_look, call_end end)
    -> procedure<observed_state>
{
    for (auto reads = 1U;; ++reads) {
        auto seen = co_await look(wanted, guest, at, detail::has_succeeded(end));
        if (seen.as_wanted || seen.elsewhere || (seen.was_read && one_look)) {
            co_return seen;
        }
        const auto now = co_await read_steady_clock{};
        if (reads >= at.patience.most_reads && (!end.ha_until || now >= *end.ha_until)) {
            co_return co_await look_elsewhere(wanted, std::move(seen), guest, at);
        }
        const auto jitter = co_await draw_jitter{};
        const auto pause = backoff(at.patience.read_back_pause, reads, jitter);
        static_cast<void>(co_await sleep_for{pause});
    }
}

/// Reads the state back and says what came of the attempt. Where somebody else brought the state about, his task is
/// named if the node's lists tell it.
[[nodiscard]] inline auto conclude(attempt of, call_end end, node_context at) -> procedure<action_outcome>
{
    // Where the failure is certain, one look is enough to see whether somebody else brought it about.
    const auto certain = end.trouble && detail::is_certain(*end.trouble);
    auto seen = co_await read_back(of.wanted, of.guest, at, certain, end);
    // So it may have where our own task did not end well.
    const auto may_be_anothers = seen.as_wanted && end.trouble && (certain || end.task);
    if (may_be_anothers && !task_types_of(of.wanted).empty()) {
        const auto found = co_await find_tasks(of, at);
        end.anothers = detail::only_one(found.others);
        end.may_be_anothers = !found.others.empty() || (!certain && (!found.complete || found.others_in_doubt));
    }
    co_return judge(of.wanted, std::move(end), std::move(seen));
}

/// What came of one call.
struct one_call {
    action_outcome outcome;
    std::optional<did_nothing> nothing_done = std::nullopt;
};

/// From the answer to a call to what is known of it: wait for its task, read the real state back, and only then say
/// what came of it. After any error the state is read back, since a 5xx may follow a change that was made.
[[nodiscard]] inline auto follow_up(net::exchanged answer, attempt of, node_context at) -> procedure<one_call>
{
    auto end = co_await hear_out(std::move(answer), of, at);
    if (!end.was_made) {
        co_return one_call{.outcome = reconcile::action_failed{*std::move(end.trouble)}};
    }
    auto outcome = co_await conclude(std::move(of), std::move(end), std::move(at));
    const auto nothing = did_nothing::in(outcome);
    co_return one_call{.outcome = std::move(outcome), .nothing_done = nothing};
}

/// The pause before the next of so many attempts.
[[nodiscard]] inline auto wait_for_another(std::uint32_t attempts, reconcile::run_policy policy)
    -> procedure<steady_instant>
{
    const auto jitter = co_await draw_jitter{};
    const auto pause = backoff(policy.busy_pause, attempts, jitter);
    co_return co_await sleep_for{pause};
}

/// One operation of the agent's own from its call to its end.
///
/// The call is repeated only where Proxmox VE said that it did nothing, and nobody has meanwhile paused or blocked the
/// agent. After any other error it is never repeated.
[[nodiscard]] inline auto call_and_verify(proxmox::request call, postcondition wanted, operation_id id, vmid guest,
                                          node_context at) -> procedure<action_outcome>
{
    const auto begun = co_await read_clock{};
    const auto of = attempt{.id = id, .guest = guest, .wanted = std::move(wanted), .begun = begun};
    for (auto calls = 1U;; ++calls) {
        auto answer = co_await send{call};
        auto one = co_await follow_up(std::move(answer), of, at);
        if (!one.nothing_done || calls >= at.patience.most_calls) {
            co_return std::move(one.outcome);
        }
        static_cast<void>(co_await wait_for_another(calls, at.patience));
        const auto around = co_await look_around{};
        if (around.paused || around.blocked) {
            co_return std::move(one.outcome);
        }
    }
}

} // namespace felhom::operate
