// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/operate/node_context.hpp>
#include <felhom/operate/operation/postcondition.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/ask.hpp>
#include <felhom/operate/procedures/judge.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/tasks/task_outcome.hpp>
#include <felhom/proxmox/tasks/task_status.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// Which task a call has started whose answer never came. It is found in the node's lists, never guessed.
namespace felhom::operate {

/// What a call was made for.
struct attempt {
    operation_id id;
    vmid guest;
    postcondition wanted;
    instant begun; ///< before the first call of it was sent
};

/// What the node's lists of tasks tell of an attempt.
struct task_search {
    std::vector<proxmox::upid> ours = {};   ///< may be its, and no operation has them in the journal
    std::vector<proxmox::upid> others = {}; ///< came to the same, or are about to
    bool complete = false;                  ///< both lists were read, as far back as the attempt's beginning
    /// One of ours that no operation has began before the attempt, by a clock that may have been set back since.
    bool in_doubt = false;
    bool others_in_doubt = false; ///< one of another that came to the same began before it, by such a clock
};

namespace detail {

/// The task's identifier of the guest that it works on: "101", or "101@local" of a volume that is deleted.
[[nodiscard]] inline auto is_of_guest(const proxmox::upid& task, vmid guest) -> bool
{
    const auto text = guest.text();
    const auto& id = task.id();
    return id == text || (id.starts_with(text) && id.size() > text.size() && id[text.size()] == '@');
}

/// A task that brings about what the attempt wants, by its type and its guest.
[[nodiscard]] inline auto could_be(const proxmox::upid& task, const attempt& of) -> bool
{
    return contains(task_types_of(of.wanted), task.type()) && is_of_guest(task, of.guest);
}

[[nodiscard]] inline auto began_since(const proxmox::upid& task, instant begun, const search_policy& policy) -> bool
{
    return task.started() + policy.clock_difference >= std::chrono::floor<std::chrono::seconds>(begun);
}

/// Whether a task did what it was for; nothing where its worker vanished, before or after it had.
[[nodiscard]] inline auto did_its_work(const proxmox::listed_task& task) -> std::optional<bool>
{
    if (task.running()) {
        return true;
    }
    const auto outcome = proxmox::parse_exit_status(task.exit_status);
    if (std::holds_alternative<proxmox::unknown_outcome>(outcome)) {
        return std::nullopt;
    }
    return proxmox::is_success(outcome);
}

/// Whether a list that may have been cut at its length reaches back as far as the attempt.
[[nodiscard]] inline auto reaches_back(const std::vector<proxmox::listed_task>& list, const attempt& of,
                                       const search_policy& policy) -> bool
{
    return list.size() < policy.past_tasks
           || std::ranges::any_of(
               list,
               [&](const proxmox::listed_task& task) {
                   return task.id.started() + policy.clock_difference < of.begun;
               });
}

/// A task that could be the attempt's, by its type and guest, as what it counts. What the journal has of the attempt
/// itself is known already.
inline void note_found(const proxmox::listed_task& task, const attempt& of, const std::vector<operation_task>& recorded,
                       const node_context& at, task_search& found)
{
    const auto known = std::ranges::find(recorded, task.id, &operation_task::task);
    const auto is_recorded = known != recorded.end();
    const auto is_ours = task.id.user() == at.user && !is_recorded;
    if (is_recorded && known->id == of.id) {
        return;
    }
    const auto worked = did_its_work(task);
    if (!is_ours && worked == false) {
        return;
    }
    if (!began_since(task.id, of.begun, at.search)) {
        auto& doubt = is_ours ? found.in_doubt : found.others_in_doubt;
        doubt = doubt || began_since(task.id, of.begun - at.search.longest_setback, at.search);
        return;
    }
    if (!is_ours && !worked) {
        found.others_in_doubt = true;
        return;
    }
    auto& among = is_ours ? found.ours : found.others;
    if (!contains(among, task.id)) {
        among.push_back(task.id);
    }
}

/// Proxmox VE finds the tasks of a guest by their identifier, which of a deleted volume is another.
[[nodiscard]] inline auto task_lists(const attempt& of, const node_context& at)
    -> std::vector<proxmox::question<proxmox::partial_list<proxmox::listed_task>>>
{
    const auto of_volume = std::holds_alternative<backup_gone>(of.wanted);
    return {
        proxmox::read::active_tasks(at.node),
        proxmox::read::past_tasks(at.node, at.search.past_tasks, of_volume ? std::nullopt : std::optional{of.guest})};
}

} // namespace detail

/// Looks through the node's lists once.
[[nodiscard]] inline auto find_tasks(attempt of, node_context at) -> procedure<task_search>
{
    auto found = task_search{.complete = !at.user.empty()};
    const auto recorded = co_await recall_tasks{of.guest};
    auto questions = detail::task_lists(of, at);
    for (auto& question : questions) {
        const auto answer = co_await ask(std::move(question));
        const auto listed = answer.value_or(proxmox::partial_list<proxmox::listed_task>{.rows = {}});
        if (!answer || !listed.odd.empty() || !detail::reaches_back(listed.rows, of, at.search)) {
            found.complete = false;
        }
        for (const auto& task : listed.rows) {
            if (detail::could_be(task.id, of)) {
                detail::note_found(task, of, recorded, at, found);
            }
        }
    }
    co_return found;
}

/// Tells the journal which task an operation has. Should that not be written, a restart finds the task by its guest,
/// type and time.
[[nodiscard]] inline auto note_task(operation_id id, proxmox::upid task) -> procedure<bool>
{
    const auto now = co_await read_clock{};
    auto record = operation_task{.id = id, .at = now, .task = std::move(task)};
    const auto written = co_await append{std::move(record)};
    co_return written.has_value();
}

namespace detail {

/// A shutdown that fails ends after up to twice its time and five seconds (seen on 8.4.21).
[[nodiscard]] inline auto task_patience(const reconcile::run_policy& policy) -> std::chrono::milliseconds
{
    return std::max<std::chrono::milliseconds>(policy.task_deadline,
                                               (policy.shutdown_timeout * 2) + std::chrono::seconds{30});
}

/// How long ago that was by the wall clock; what it calls the future is now.
[[nodiscard]] inline auto time_since(instant then, instant now) -> std::chrono::milliseconds
{
    return std::max(now - then, std::chrono::milliseconds{0});
}

/// The one of them, if there is but one.
[[nodiscard]] inline auto only_one(const std::vector<proxmox::upid>& tasks) -> std::optional<proxmox::upid>
{
    return tasks.size() == 1 ? std::optional{tasks.front()} : std::nullopt;
}

} // namespace detail

/// Waits for a task that is known to the journal, of a call that was made so long ago.
[[nodiscard]] inline auto follow_task(proxmox::upid task, std::chrono::milliseconds since_call,
                                      reconcile::run_policy policy) -> procedure<call_end>
{
    const auto now = co_await read_steady_clock{};
    const auto by_ha = task.type().starts_with("ha");
    const auto patience = detail::task_patience(policy);
    const auto ended = co_await await_task{std::move(task), patience};
    auto end = detail::end_of(ended);
    if (by_ha) {
        end.ha_until = now + policy.shutdown_timeout + policy.ha_settles_within - since_call;
    }
    co_return end;
}

/// Looks for the task of a call that had this trouble, at once and again when everything under way must have begun, and
/// follows it. Several that may be its are as good as none.
[[nodiscard]] inline auto search_and_follow(attempt of, node_context at, failure_cause trouble) -> procedure<call_end>
{
    if (task_types_of(of.wanted).empty()) {
        co_return call_end{.trouble = std::move(trouble)};
    }
    for (auto looks = 0U;; ++looks) {
        auto found = co_await find_tasks(of, at);
        if (const auto task = detail::only_one(found.ours)) {
            static_cast<void>(co_await note_task(of.id, *task));
            const auto now = co_await read_clock{};
            co_return co_await follow_task(*task, detail::time_since(of.begun, now), at.patience);
        }
        const auto is_settled = looks > 0;
        if (is_settled && (found.complete || looks >= at.patience.most_reads)) {
            co_return call_end{.trouble = std::move(trouble),
                               .none_began = found.complete && found.ours.empty() && !found.in_doubt,
                               .anothers = detail::only_one(found.others)};
        }
        const auto jitter = co_await draw_jitter{};
        const auto pause = is_settled ? backoff(at.patience.read_back_pause, looks, jitter)
                                      : std::chrono::milliseconds{at.search.settles_within};
        static_cast<void>(co_await sleep_for{pause});
    }
}

} // namespace felhom::operate
