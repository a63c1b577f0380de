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

namespace detail {

[[nodiscard]] inline auto is_own_task(const operation_state& lost) -> bool
{
    const auto wanted = expectation_of(lost.call);
    return lost.task && wanted && ranges::contains(task_types_of(*wanted), lost.task->type());
}

[[nodiscard]] inline auto unanswered() -> setback
{
    return proxmox::call_error{proxmox::transport_error{.what = proxmox::transport_error::kind::interrupted,
                                                        .maybe_sent = true,
                                                        .detail = "the agent stopped before the call was answered"}};
}

} // namespace detail

/// Finds out what became of an operation, now that whoever began it is gone.
[[nodiscard]] inline auto find_out(operation_state lost, workplace at) -> procedure<action_outcome>
{
    auto wanted = expectation_of(lost.call);
    if (!wanted) {
        co_return reconcile::outcome_unknown{"no read would show its effect"};
    }
    const auto of = errand{.id = lost.id, .guest = lost.guest, .wanted = *std::move(wanted), .begun = lost.started};
    auto end = call_end{.trouble = detail::unanswered()};
    const auto has_own = detail::is_own_task(lost);
    if (has_own) {
        const auto now = co_await read_clock{};
        end = co_await follow_task(*lost.task, detail::time_since(lost.started, now), at.patience);
    }
    // Without a task of its own, or when that only found a lock taken, a later call may have started another.
    if (!has_own || (end.trouble && detail::is_busy(*end.trouble))) {
        end = co_await search_and_follow(of, at, *std::move(end.trouble));
    }
    if (std::holds_alternative<config_holds>(of.wanted)) {
        const auto facts = co_await read_node_facts(at.node, at.patience);
        if (!facts) {
            co_return reconcile::outcome_unknown{"the node could not be read: " + proxmox::describe(facts.error().why)};
        }
        at.facts = *facts;
    }
    co_return co_await conclude(of, std::move(end), std::move(at));
}

/// Finds out what became of an operation that was in flight, and records it.
[[nodiscard]] inline auto resolve(operation_state lost, workplace at) -> procedure<action_outcome>
{
    const auto id = lost.id;
    auto outcome = co_await find_out(std::move(lost), std::move(at));
    static_cast<void>(co_await note_end(id, outcome, "after a restart: "));
    co_return outcome;
}

} // namespace felhom::operate
