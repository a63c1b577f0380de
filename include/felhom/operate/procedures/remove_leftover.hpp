// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/operate/effect.hpp>
#include <felhom/operate/node_context.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/operation_record.hpp>
#include <felhom/operate/operation/postcondition.hpp>
#include <felhom/operate/procedures/ask.hpp>
#include <felhom/operate/procedures/call_and_verify.hpp>
#include <felhom/operate/procedures/fresh_look.hpp>
#include <felhom/operate/procedures/judge.hpp>
#include <felhom/operate/procedures/own_task.hpp>
#include <felhom/operate/procedures/selftest.hpp>
#include <felhom/operate/procedures/selftest_leftovers.hpp>
#include <felhom/proxmox/api/destructive.hpp>
#include <felhom/proxmox/api/question.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/model/left_snapshot.hpp>
#include <felhom/proxmox/model/snapshot_list.hpp>
#include <felhom/proxmox/tasks/task_status.hpp>
#include <felhom/reconcile/plan/action_outcome.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace felhom::operate {

namespace detail {

/// A person looked after the leftover, or it went by itself: it is not to be named any more.
[[nodiscard]] inline auto settle_leftover(operation_id made) -> procedure<bool>
{
    const auto now = co_await read_clock{};
    auto record = operation_acknowledged{.id = made, .at = now, .by = "the self-test, which found it gone"};
    const auto written = co_await append{std::move(record)};
    co_return written.has_value();
}

/// What the node tells of a leftover.
struct leftover_look {
    tl::expected<std::vector<proxmox::listed_task>, proxmox::call_error> tasks;
    tl::expected<proxmox::snapshot_list, proxmox::call_error> snapshots;
};

[[nodiscard]] inline auto look_at_leftover(node_name node, vmid guest) -> procedure<leftover_look>
{
    static constexpr auto past_tasks = std::uint32_t{200};
    auto tasks = co_await ask(proxmox::read::past_tasks(node, past_tasks, guest));
    auto snapshots = co_await ask(proxmox::read::snapshots(node, guest));
    co_return leftover_look{.tasks = every_row(std::move(tasks)), .snapshots = std::move(snapshots)};
}

[[nodiscard]] inline auto prove_leftover(const selftest_leftover& left, const leftover_look& seen)
    -> tl::expected<proxmox::left_snapshot, std::string>
{
    if (!seen.snapshots) {
        return tl::unexpected("its guest could not be read: " + proxmox::describe(seen.snapshots.error()));
    }
    if (!left.ours) {
        return tl::unexpected(std::string{"the journal does not show that its task made it"});
    }
    if (!seen.tasks) {
        return tl::unexpected("the node's tasks could not be read: " + proxmox::describe(seen.tasks.error()));
    }
    return proxmox::left_snapshot::prove(*left.ours, *seen.tasks, *seen.snapshots);
}

/// Proves it once more and deletes it on the strength of that look. The call is sent once.
[[nodiscard]] inline auto delete_as_proven(selftest_leftover left, operation_id id, node_context at)
    -> procedure<action_outcome>
{
    const auto looked = co_await read_steady_clock{};
    const auto seen = co_await look_at_leftover(at.node, left.guest);
    const auto proven = prove_leftover(left, seen);
    if (!proven) {
        co_return reconcile::not_started{proven.error()};
    }
    const auto begun = co_await read_clock{};
    auto answer = co_await send_once{proxmox::destructive::delete_snapshot(*proven), looked + fresh_look::longest};
    if (!answer) {
        co_return reconcile::not_started{"the node answered too slowly: what was seen of the snapshot may be over"};
    }
    auto of = attempt{.id = id, .guest = left.guest, .wanted = snapshot_gone{left.name.text()}, .begun = begun};
    auto one = co_await follow_up(*std::move(answer), std::move(of), std::move(at));
    co_return std::move(one.outcome);
}

/// Deletes it, between two records of the journal.
[[nodiscard]] inline auto delete_leftover(selftest_leftover left, node_context at) -> procedure<action_outcome>
{
    const auto id = co_await draw_number{};
    const auto begun = co_await read_clock{};
    auto record = operation_started{
        .id = id, .at = begun, .guest = left.guest, .from = origin::selftest, .what = guest_delete_snapshot{left.name}};
    const auto started = co_await append{std::move(record)};
    if (!started) {
        co_return reconcile::not_started{"the journal could not be written: " + started.error().reason};
    }
    auto outcome = co_await delete_as_proven(std::move(left), id, std::move(at));
    static_cast<void>(co_await note_end(id, outcome));
    co_return outcome;
}

} // namespace detail

/// Deletes a snapshot that an earlier self-test left, where it is proven to be that one; else says what to type.
[[nodiscard]] inline auto remove_leftover(selftest_leftover left, node_context at)
    -> procedure<std::vector<selftest_step>>
{
    const auto result = [&](auto end) {
        return std::vector{selftest_step{.what = "delete the snapshot " + left.name.text() + " of guest "
                                                 + left.guest.text() + ", which an earlier self-test left",
                                         .result = std::move(end)}};
    };
    const auto by_hand = [&](const std::string& why) {
        return result(step_refused{why + "; look at it, delete it with `" + left.command()
                                   + "`, then `felhom-agent ops ack " + std::to_string(number(left.id)) + "`"});
    };
    const auto seen = co_await detail::look_at_leftover(at.node, left.guest);
    if (seen.snapshots && !contains(seen.snapshots->snapshots, left.name.text(), &proxmox::snapshot::name)) {
        static_cast<void>(co_await detail::settle_leftover(left.id));
        co_return std::vector{selftest_step{.what = "the snapshot " + left.name.text() + " of guest "
                                                    + left.guest.text() + ", which an earlier self-test left, is gone",
                                            .result = action_outcome{reconcile::achieved{}}}};
    }
    if (const auto proven = detail::prove_leftover(left, seen); !proven) {
        co_return by_hand(proven.error());
    }
    auto outcome = co_await detail::delete_leftover(left, std::move(at));
    co_return result(std::move(outcome));
}

} // namespace felhom::operate
