#pragma once

#include <felhom/operate/ledger.hpp>
#include <felhom/operate/node_survey.hpp>
#include <felhom/operate/operation_call.hpp>
#include <felhom/operate/undertake.hpp>
#include <felhom/proxmox/read.hpp>
#include <felhom/proxmox/task_status.hpp>

#include <range/v3/algorithm/find.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// Operations that were in flight when the agent stopped: what became of them is found out, never guessed.
namespace felhom::operate {

/// How an operation that was in flight is looked for.
struct search_policy {
    /// A call that was sent before the agent stopped may still be under way inside Proxmox VE: its own proxy gives up
    /// after 30 s (pve-http-server AnyEvent.pm), and a lock is waited for 10 s.
    std::chrono::milliseconds settles_within = std::chrono::seconds{60};
    /// Between this clock and the node's.
    std::chrono::milliseconds clock_difference = std::chrono::seconds{5};
    std::uint32_t past_tasks = 200;
};

namespace detail {

/// The task's identifier of the guest that it works on: "101", or "101@local" of a volume that is deleted.
[[nodiscard]] inline auto is_of_guest(const proxmox::upid& task, vmid guest) -> bool
{
    const auto text = guest.text();
    const auto& id = task.id();
    return id == text || (id.starts_with(text) && id.size() > text.size() && id[text.size()] == '@');
}

/// A task that this operation's call may have started: its type, its guest, our user, and not before it.
[[nodiscard]] inline auto could_be(const proxmox::upid& task, const operation_state& lost, std::string_view user,
                                   const search_policy& policy) -> bool
{
    return task.type() == task_type_of(lost.call) && is_of_guest(task, lost.guest) && task.user() == user
           && task.started() + policy.clock_difference >= std::chrono::floor<std::chrono::seconds>(lost.started);
}

} // namespace detail

/// The tasks that the operation's calls may have started, the oldest first.
[[nodiscard]] inline auto find_tasks(operation_state lost, std::string user, node_name node, search_policy policy)
    -> procedure<std::vector<proxmox::upid>>
{
    auto candidates = std::vector<proxmox::upid>{};
    auto questions = std::vector<proxmox::request>{};
    questions.push_back(proxmox::read::active_tasks(node));
    questions.push_back(proxmox::read::past_tasks(node, policy.past_tasks, lost.guest));
    for (auto& question : questions) {
        const auto answer = co_await send{std::move(question)};
        const auto listed = proxmox::understand(answer, proxmox::decode_task_list);
        if (!listed) {
            continue;
        }
        for (const auto& task : *listed) {
            const auto known = ranges::find(candidates, task.id) != candidates.end();
            if (!known && detail::could_be(task.id, lost, user, policy)) {
                candidates.push_back(task.id);
            }
        }
    }
    std::ranges::stable_sort(candidates, {}, [](const proxmox::upid& task) { return task.started(); });
    co_return candidates;
}

/// The one task that settles the matter: the latest after the one that is recorded, or the only one there is. Several
/// of which none is recorded are none: it is not guessed.
[[nodiscard]] inline auto pick_task(const std::vector<proxmox::upid>& candidates,
                                    const std::optional<proxmox::upid>& recorded) -> std::optional<proxmox::upid>
{
    const auto others = !recorded || ranges::find(candidates, *recorded) == candidates.end();
    if (candidates.empty() || (others && candidates.size() > 1)) {
        return std::nullopt;
    }
    return candidates.back();
}

namespace detail {

[[nodiscard]] inline auto is_own_task(const operation_state& lost) -> bool
{
    return lost.task && (lost.task->type() == task_type_of(lost.call) || lost.task->type().starts_with("ha"));
}

[[nodiscard]] inline auto unanswered() -> setback
{
    return proxmox::call_error{proxmox::transport_error{.what = proxmox::transport_error::kind::interrupted,
                                                        .maybe_sent = true,
                                                        .detail = "the agent stopped before the call was answered"}};
}

} // namespace detail

/// Looks for a task of the operation, at once and again when everything under way must have begun, and follows it.
[[nodiscard]] inline auto search_and_follow(operation_state lost, std::string user, workplace at, search_policy policy)
    -> procedure<call_end>
{
    if (task_type_of(lost.call).empty()) {
        co_return call_end{.trouble = detail::unanswered()};
    }
    const auto begun = co_await read_clock{};
    const auto settled = begun + policy.settles_within;
    for (auto waited = false;; waited = true) {
        const auto candidates = co_await find_tasks(lost, user, at.node, policy);
        const auto task = pick_task(candidates, lost.task);
        const auto is_new = task && task != lost.task;
        if (is_new) {
            static_cast<void>(co_await note_task(lost.id, *task));
            co_return co_await follow_task(*task, lost.started, at.patience);
        }
        if (waited) {
            co_return call_end{.trouble = detail::unanswered()};
        }
        static_cast<void>(co_await sleep_until{settled});
    }
}

/// Reads the state and says what is known, now that nothing of the operation is under way any more.
[[nodiscard]] inline auto look_what_came(operation_state lost, call_end end, workplace at) -> procedure<action_outcome>
{
    const auto wanted = expectation_of(lost.call);
    if (!wanted) {
        co_return reconcile::outcome_unknown{"no read would show its effect"};
    }
    if (std::holds_alternative<config_holds>(*wanted)) {
        const auto facts = co_await read_node_facts(at.node, at.patience);
        if (!facts) {
            co_return reconcile::outcome_unknown{"the node could not be read: " + proxmox::describe(facts.error().why)};
        }
        at.facts = *facts;
    }
    auto seen = co_await read_back(*wanted, lost.guest, at, end.trouble.has_value(), end);
    co_return judge(*wanted, std::move(end), std::move(seen));
}

/// Finds out what became of an operation that was in flight, and records it. `user` is our own, as it stands in a UPID:
/// "felhom@pve!agent".
[[nodiscard]] inline auto resolve(operation_state lost, std::string user, workplace at, search_policy policy)
    -> procedure<action_outcome>
{
    auto end = call_end{.trouble = detail::unanswered()};
    if (detail::is_own_task(lost)) {
        end = co_await follow_task(*lost.task, lost.started, at.patience);
    }
    // Without a task of its own, or when that only found a lock taken, a later call may have started another.
    const auto own_end = end.trouble;
    if (own_end && (!detail::is_own_task(lost) || detail::is_busy(*own_end))) {
        end = co_await search_and_follow(lost, user, at, policy);
        if (end.trouble == detail::unanswered() && detail::is_own_task(lost)) {
            end.trouble = own_end;
        }
    }
    auto outcome = co_await look_what_came(lost, std::move(end), std::move(at));
    static_cast<void>(co_await note_end(lost.id, outcome, "after a restart: "));
    co_return outcome;
}

} // namespace felhom::operate
