#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/operate/expectation.hpp>
#include <felhom/operate/locate.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/proxmox/mutation_reply.hpp>
#include <felhom/proxmox/reply.hpp>
#include <felhom/proxmox/task_outcome.hpp>
#include <felhom/reconcile/action_outcome.hpp>
#include <felhom/reconcile/key_table.hpp>
#include <felhom/reconcile/run_policy.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace felhom::operate {

using reconcile::action_outcome;
using reconcile::setback;

/// What every operation has to know of the place where it is carried out.
struct workplace {
    node_name node;
    reconcile::node_facts facts;
    reconcile::run_policy patience;
    reconcile::key_table table = reconcile::key_table::standard();
};

/// What came of a call and of the task that it may have started.
struct call_end {
    std::optional<setback> trouble;
    std::uint32_t warnings = 0;
    std::optional<instant> ha_until = std::nullopt; ///< HA carries it out after its task has ended; till when it may
    bool was_made = true; ///< false: no byte of it reached Proxmox VE, or nobody there looked at it
    std::optional<proxmox::upid> task = std::nullopt; ///< that the call started, as far as is known
};

namespace detail {

/// No byte of it reached Proxmox VE, or it did not even look who asks: there is nothing to read back.
[[nodiscard]] inline auto was_never_made(const proxmox::call_error& error) -> bool
{
    static constexpr auto unauthorized = 401;
    const auto* const transport = std::get_if<proxmox::transport_error>(&error);
    const auto* const api = std::get_if<proxmox::api_error>(&error);
    return (transport != nullptr && !transport->maybe_sent) || (api != nullptr && api->status == unauthorized);
}

/// A shutdown that fails ends after up to twice its time and five seconds (seen on 8.4.21).
[[nodiscard]] inline auto task_patience(const reconcile::run_policy& policy) -> std::chrono::milliseconds
{
    return std::max<std::chrono::milliseconds>(policy.task_deadline,
                                               (policy.shutdown_timeout * 2) + std::chrono::seconds{30});
}

[[nodiscard]] inline auto end_of(const proxmox::finished_task& ended) -> call_end
{
    auto end = call_end{.trouble = std::nullopt, .task = ended.task()};
    std::visit(overloaded{
                   [](const proxmox::succeeded&) {},
                   [&](const proxmox::succeeded_with_warnings& o) { end.warnings = o.count; },
                   [&](const proxmox::task_error& e) { end.trouble = e; },
                   [&](const proxmox::unknown_outcome& e) { end.trouble = e; },
               },
               ended.outcome());
    return end;
}

/// Whether the setback is one that leaves nothing behind that could still take effect. What is said to pass is so, too:
/// "storage 'nas' is not online" says that nothing was done.
[[nodiscard]] inline auto is_certain(const setback& trouble) -> bool
{
    return reconcile::classify(trouble).what != proxmox::error_class::unknown_outcome;
}

[[nodiscard]] inline auto is_busy(const setback& trouble) -> bool
{
    return reconcile::classify(trouble).what == proxmox::error_class::busy;
}

} // namespace detail

/// The end of an operation as the journal keeps it.
[[nodiscard]] inline auto ending_of(const action_outcome& outcome) -> ending
{
    return std::visit(overloaded{
                          [](const reconcile::achieved&) { return ending::succeeded; },
                          [](const reconcile::action_failed&) { return ending::failed; },
                          [](const reconcile::overtaken&) { return ending::failed; },
                          [](const reconcile::without_effect&) { return ending::failed; },
                          [](const reconcile::guest_moved&) { return ending::failed; },
                          [](const reconcile::not_begun&) { return ending::failed; },
                          [](const reconcile::called_off&) { return ending::failed; },
                          [](const reconcile::outcome_unknown&) { return ending::unknown; },
                          [](const reconcile::not_attempted&) { return ending::failed; },
                      },
                      outcome);
}

/// What is special about an end that its ending does not tell, as a stable word for programs; else empty.
[[nodiscard]] inline auto code_of_end(const action_outcome& outcome) -> std::string_view
{
    if (const auto* const off = std::get_if<reconcile::called_off>(&outcome)) {
        return off->code;
    }
    return std::holds_alternative<reconcile::guest_moved>(outcome) ? reconcile::code_of(outcome) : std::string_view{};
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

/// Waits for a task that is known to the journal, of a call that was made at that time.
[[nodiscard]] inline auto follow_task(proxmox::upid task, instant called, reconcile::run_policy policy)
    -> procedure<call_end>
{
    const auto now = co_await read_clock{};
    const auto by_ha = task.type().starts_with("ha");
    const auto deadline = now + detail::task_patience(policy);
    const auto ended = co_await await_task{std::move(task), deadline};
    auto end = detail::end_of(ended);
    if (by_ha) {
        end.ha_until = called + policy.shutdown_timeout + policy.ha_settles_within;
    }
    co_return end;
}

/// Waits for the task that a call may have started, whose number the journal learns first.
[[nodiscard]] inline auto hear_out(proxmox::exchanged answer, operation_id id, reconcile::run_policy policy)
    -> procedure<call_end>
{
    const auto reply = proxmox::understand(answer, proxmox::decode_mutation);
    if (!reply) {
        co_return call_end{.trouble = reply.error(), .was_made = !detail::was_never_made(reply.error())};
    }
    const auto* const task = std::get_if<proxmox::upid>(&*reply);
    if (task == nullptr) {
        co_return call_end{};
    }
    static_cast<void>(co_await note_task(id, *task));
    const auto now = co_await read_clock{};
    co_return co_await follow_task(*task, now, policy);
}

namespace detail {

/// A task of our own did what was wanted, by what it says.
[[nodiscard]] inline auto has_succeeded(const call_end& end) -> bool
{
    return end.task && !end.trouble;
}

[[nodiscard]] inline auto is_missing(const proxmox::call_error& error) -> bool
{
    return proxmox::classify(error, proxmox::intent::read).what == proxmox::error_class::not_found_here;
}

} // namespace detail

/// One look at the state.
[[nodiscard]] inline auto look(expectation wanted, vmid guest, workplace at, bool we_did_it) -> procedure<seen_state>
{
    if (std::holds_alternative<guest_gone>(wanted)) {
        const auto found = co_await locate(guest, at.node);
        co_return gone_by(found, we_did_it);
    }
    const auto answer = co_await send{question_of(wanted, at.node, guest)};
    const auto found = shortfall_of(wanted, answer, at.facts, at.table);
    co_return seen_state{.as_wanted = found && !*found,
                         .was_read = found.has_value(),
                         .detail = found ? found->value_or("")
                                         : "it could not be read back: " + proxmox::describe(found.error()),
                         .is_missing = !found && detail::is_missing(found.error())};
}

/// Where a guest is that the node does not have, where that tells more of what came of an operation.
[[nodiscard]] inline auto look_elsewhere(expectation wanted, seen_state seen, vmid guest, workplace at)
    -> procedure<seen_state>
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
[[nodiscard]] inline auto read_back(expectation wanted, vmid guest, workplace at, bool one_look, call_end end)
    -> procedure<seen_state>
{
    for (auto reads = 1U;; ++reads) {
        auto seen = co_await look(wanted, guest, at, detail::has_succeeded(end));
        if (seen.as_wanted || seen.elsewhere || (seen.was_read && one_look)) {
            co_return seen;
        }
        const auto now = co_await read_clock{};
        if (reads >= at.patience.most_reads && (!end.ha_until || now >= *end.ha_until)) {
            co_return co_await look_elsewhere(wanted, std::move(seen), guest, at);
        }
        const auto jitter = co_await draw_jitter{};
        const auto next = now + reconcile::backoff(at.patience.read_back_pause, reads, jitter);
        static_cast<void>(co_await sleep_until{next});
    }
}

/// What is known of an operation once its call and its task are over and the state was read.
[[nodiscard]] inline auto judge(const expectation& wanted, call_end end, seen_state seen) -> action_outcome
{
    using namespace reconcile;
    if (seen.elsewhere) {
        // After a task of ours, or while one may still come, what was done before it moved is not known.
        const auto nothing_done = end.trouble && detail::is_certain(*end.trouble);
        return nothing_done ? action_outcome{guest_moved{*std::move(seen.elsewhere)}}
                            : action_outcome{outcome_unknown{
                                  (end.trouble ? reconcile::describe(*end.trouble) + "; " : "") + seen.detail}};
    }
    if (seen.as_wanted && (!end.trouble || is_conclusive(wanted))) {
        return achieved{.warnings = end.warnings, .despite = std::move(end.trouble)};
    }
    if (end.trouble && detail::is_certain(*end.trouble) && seen.was_read) {
        const auto what = reconcile::classify(*end.trouble).what;
        if (what == proxmox::error_class::conflict || what == proxmox::error_class::already_done) {
            return overtaken{*std::move(end.trouble)};
        }
        return action_failed{*std::move(end.trouble)};
    }
    if (end.trouble) {
        return outcome_unknown{reconcile::describe(*end.trouble) + (seen.detail.empty() ? "" : "; " + seen.detail)};
    }
    if (seen.was_read && !end.ha_until) {
        return without_effect{std::move(seen.detail)};
    }
    return outcome_unknown{(seen.was_read ? "HA was asked for it and has not done it yet: " : "") + seen.detail};
}

/// Proxmox VE said that it did nothing, for want of a lock, and the state that was read does not show the contrary.
class did_nothing {
public:
    [[nodiscard]] static auto in(const call_end& end, const seen_state& seen, const expectation& wanted)
        -> std::optional<did_nothing>
    {
        const auto as_before = !seen.as_wanted || !is_conclusive(wanted);
        const auto busy = end.trouble && detail::is_busy(*end.trouble) && seen.was_read && as_before;
        return busy ? std::optional{did_nothing{}} : std::nullopt;
    }

private:
    did_nothing() = default;
};

/// What came of one call.
struct one_call {
    action_outcome outcome;
    std::optional<did_nothing> nothing_done = std::nullopt;
};

/// From the answer to a call to what is known of it: wait for its task, read the real state back, and only then say
/// what came of it. After any error the state is read back, since a 5xx may follow a change that was made.
[[nodiscard]] inline auto follow_up(proxmox::exchanged answer, expectation wanted, operation_id id, vmid guest,
                                    workplace at) -> procedure<one_call>
{
    auto end = co_await hear_out(std::move(answer), id, at.patience);
    if (!end.was_made) {
        co_return one_call{.outcome = reconcile::action_failed{*std::move(end.trouble)}};
    }
    // Where the failure is certain, one look is enough to see whether somebody else brought it about.
    const auto certain = end.trouble && detail::is_certain(*end.trouble);
    auto seen = co_await read_back(wanted, guest, at, certain, end);
    const auto nothing = did_nothing::in(end, seen, wanted);
    co_return one_call{.outcome = judge(wanted, std::move(end), std::move(seen)), .nothing_done = nothing};
}

/// The pause before the next of so many attempts.
[[nodiscard]] inline auto wait_for_another(std::uint32_t attempts, reconcile::run_policy policy) -> procedure<instant>
{
    const auto jitter = co_await draw_jitter{};
    const auto now = co_await read_clock{};
    const auto next = now + reconcile::backoff(policy.busy_pause, attempts, jitter);
    co_return co_await sleep_until{next};
}

/// One operation of the agent's own from its call to its end.
///
/// The call is repeated only where Proxmox VE said that it did nothing, and nobody has meanwhile paused or blocked the
/// agent. After any other error it is never repeated.
[[nodiscard]] inline auto undertake(proxmox::request call, expectation wanted, operation_id id, vmid guest,
                                    workplace at) -> procedure<action_outcome>
{
    for (auto calls = 1U;; ++calls) {
        auto answer = co_await send{call};
        auto one = co_await follow_up(std::move(answer), wanted, id, guest, at);
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
