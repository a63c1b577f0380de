// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/steady_instant.hpp>
#include <felhom/net/transport_error.hpp>
#include <felhom/operate/operation/operation_record.hpp>
#include <felhom/operate/operation/postcondition.hpp>
#include <felhom/operate/operation/shown_state.hpp>
#include <felhom/operate/procedures/locate.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/errors/error_class.hpp>
#include <felhom/proxmox/tasks/task_outcome.hpp>
#include <felhom/proxmox/tasks/upid.hpp>
#include <felhom/reconcile/exit_codes.hpp>
#include <felhom/reconcile/plan/action_outcome.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

// What came of an operation, by its call, its task and the state that was read afterwards. That the state is as it was
// wanted does not say who brought it about.
namespace felhom::operate {

using reconcile::action_outcome;
using reconcile::failure_cause;

/// What came of a call and of the task that it may have started.
struct call_end {
    std::optional<failure_cause> trouble;
    std::uint32_t warnings = 0;
    /// HA carries it out after its task has ended; till when it may.
    std::optional<steady_instant> ha_until = std::nullopt;
    bool was_made = true; ///< false: no byte of it reached Proxmox VE, or nobody there looked at it
    std::optional<proxmox::upid> task = std::nullopt;     ///< that the call started, as far as is known
    bool none_began = false;                              ///< no task of it was listed once it had to be
    std::optional<proxmox::upid> anothers = std::nullopt; ///< the one task of another that came to the same
    bool may_be_anothers = false; ///< the task did not end well, and another one may have come to the same
};

namespace detail {

/// No byte of it reached Proxmox VE, or it did not even look who asks: there is nothing to read back.
[[nodiscard]] inline auto was_never_made(const proxmox::call_error& error) -> bool
{
    static constexpr auto unauthorized = 401;
    const auto* const transport = std::get_if<net::transport_error>(&error);
    const auto* const api = std::get_if<proxmox::api_error>(&error);
    return (transport != nullptr && !transport->maybe_sent) || (api != nullptr && api->status == unauthorized);
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

/// The task of a call, where it was still running when it was no longer waited for.
[[nodiscard]] inline auto still_running_of(const call_end& end) -> std::optional<proxmox::upid>
{
    const auto* const unknown = end.trouble ? std::get_if<proxmox::unknown_outcome>(&*end.trouble) : nullptr;
    const auto runs = unknown != nullptr && unknown->why == proxmox::unknown_outcome::reason::deadline_passed;
    return runs ? end.task : std::nullopt;
}

/// Whether the failure is one that leaves nothing behind that could still take effect. What is said to pass is so, too:
/// "storage 'nas' is not online" says that nothing was done.
[[nodiscard]] inline auto is_certain(const failure_cause& trouble) -> bool
{
    return reconcile::classify(trouble).what != proxmox::error_class::unknown_outcome;
}

/// Proxmox VE refused before it did anything. A request that it began to carry out and then called wrong may have left
/// something behind.
[[nodiscard]] inline auto was_refused_untouched(const failure_cause& trouble) -> bool
{
    switch (reconcile::classify(trouble).what) {
    case proxmox::error_class::busy:
    case proxmox::error_class::held:
    case proxmox::error_class::conflict:
    case proxmox::error_class::already_done:
    case proxmox::error_class::not_found_here:
    case proxmox::error_class::privilege:
    case proxmox::error_class::identity:
    case proxmox::error_class::cluster:
        return true;
    case proxmox::error_class::request:
    case proxmox::error_class::unknown_outcome:
    case proxmox::error_class::transient:
        return false;
    }
    return false;
}

/// A task of our own did what was wanted, by what it says.
[[nodiscard]] inline auto has_succeeded(const call_end& end) -> bool
{
    return end.task && !end.trouble;
}

/// Whether it was this call that brought the wanted state about, as far as there is evidence.
[[nodiscard]] inline auto is_our_work(const postcondition& wanted, const call_end& end) -> bool
{
    if (!end.trouble) {
        return true;
    }
    const auto has_own_task = end.task && !end.may_be_anothers;
    return !was_refused_untouched(*end.trouble) && (has_own_task || task_types_of(wanted).empty());
}

/// Proxmox VE names a key that was to be written among those that are wrong. It is refused, whatever is stored of it.
[[nodiscard]] inline auto refuses_a_key(const postcondition& wanted, const failure_cause& trouble) -> bool
{
    const auto* const config = std::get_if<config_holds>(&wanted);
    const auto* const call = std::get_if<proxmox::call_error>(&trouble);
    const auto* const api = call == nullptr ? nullptr : std::get_if<proxmox::api_error>(call);
    return config != nullptr && api != nullptr && std::ranges::any_of(config->keys, [&](const expected_key& key) {
               return contains(api->fields, key.key, &std::pair<std::string, std::string>::first);
           });
}

/// Proxmox VE writes the new size before it grows the file system (pve-container PVE/API2/LXC.pm, resize_vm): of a task
/// that failed the configuration proves nothing.
[[nodiscard]] inline auto may_have_grown_by_half(const postcondition& wanted, const call_end& end) -> bool
{
    const auto has_failed = end.task && end.trouble && std::holds_alternative<proxmox::task_error>(*end.trouble);
    return std::holds_alternative<volume_is_at_least>(wanted) && has_failed && !was_refused_untouched(*end.trouble);
}

/// The state is as it was wanted.
[[nodiscard]] inline auto judge_wanted(const postcondition& wanted, call_end end, observed_state seen) -> action_outcome
{
    using namespace reconcile;
    if (is_our_work(wanted, end)) {
        return achieved{
            .warnings = end.warnings, .despite = std::move(end.trouble), .waiting = std::move(seen.waiting)};
    }
    if (end.none_began || is_certain(*end.trouble)) {
        return achieved{.despite = std::move(end.trouble), .by_another = others_work{std::move(end.anothers)}};
    }
    return outcome_unknown{"as wanted, and it is not known whether this operation did it: "
                           + reconcile::describe(*end.trouble)};
}

/// The guest is on another node. After a task of ours, or while one may still come, what was done before it moved is
/// not known.
[[nodiscard]] inline auto judge_moved(const call_end& end, const observed_state& seen) -> action_outcome
{
    using namespace reconcile;
    if (end.none_began || (end.trouble && is_certain(*end.trouble))) {
        return guest_moved{*seen.elsewhere};
    }
    return outcome_unknown{(end.trouble ? reconcile::describe(*end.trouble) + "; " : "") + seen.detail};
}

} // namespace detail

/// What is known of an operation once its call and its task are over and the state was read.
[[nodiscard]] inline auto judge(const postcondition& wanted, call_end end, observed_state seen) -> action_outcome
{
    using namespace reconcile;
    if (seen.elsewhere) {
        return detail::judge_moved(end, seen);
    }
    if (end.trouble && detail::refuses_a_key(wanted, *end.trouble)) {
        return action_failed{.why = *std::move(end.trouble), .left_behind = std::move(seen.not_plugged)};
    }
    if (detail::may_have_grown_by_half(wanted, end)) {
        return action_failed{.why = *std::move(end.trouble),
                             .left_behind = "the volume may have the size, and its file system not"};
    }
    if (seen.as_wanted && (!end.trouble || is_conclusive(wanted))) {
        return detail::judge_wanted(wanted, std::move(end), std::move(seen));
    }
    if (end.trouble && detail::is_certain(*end.trouble) && seen.was_read) {
        const auto what = reconcile::classify(*end.trouble).what;
        if (what == proxmox::error_class::conflict || what == proxmox::error_class::already_done) {
            return conflict{*std::move(end.trouble)};
        }
        return action_failed{.why = *std::move(end.trouble), .left_behind = std::move(seen.not_plugged)};
    }
    const auto* const made = std::get_if<guest_made>(&wanted);
    const auto is_still_missing = made != nullptr && made->is_new && seen.is_missing;
    if (end.none_began && seen.was_read && (is_conclusive(wanted) || is_still_missing)) {
        return not_started{"the node has no task of it, and " + seen.detail + ": " + reconcile::describe(*end.trouble)};
    }
    if (end.trouble) {
        return outcome_unknown{.detail =
                                   reconcile::describe(*end.trouble) + (seen.detail.empty() ? "" : "; " + seen.detail),
                               .still_running = detail::still_running_of(end)};
    }
    if (seen.was_read && !end.ha_until) {
        return no_effect{std::move(seen.detail)};
    }
    return outcome_unknown{(seen.was_read ? "HA was asked for it and has not done it yet: " : "") + seen.detail};
}

/// The end of an operation as the journal keeps it.
[[nodiscard]] inline auto ending_of(const action_outcome& outcome) -> ending
{
    return std::visit(overloaded{
                          [](const reconcile::achieved&) { return ending::succeeded; },
                          [](const reconcile::action_failed&) { return ending::failed; },
                          [](const reconcile::conflict&) { return ending::failed; },
                          [](const reconcile::no_effect&) { return ending::failed; },
                          [](const reconcile::guest_moved&) { return ending::failed; },
                          [](const reconcile::not_started&) { return ending::failed; },
                          [](const reconcile::called_off&) { return ending::failed; },
                          [](const reconcile::outcome_unknown&) { return ending::unknown; },
                          [](const reconcile::not_attempted&) { return ending::failed; },
                      },
                      outcome);
}

/// What is special about an end that its ending does not tell, as a stable word for programs; else empty.
[[nodiscard]] inline auto code_of_end(const action_outcome& outcome) -> std::string_view
{
    if (const auto* const done = std::get_if<reconcile::achieved>(&outcome)) {
        if (done->by_another) {
            return "by_another";
        }
        return done->waiting.empty() ? std::string_view{} : std::string_view{"pending_restart"};
    }
    if (const auto* const off = std::get_if<reconcile::called_off>(&outcome)) {
        return off->cause;
    }
    const auto* const unknown = std::get_if<reconcile::outcome_unknown>(&outcome);
    if (unknown != nullptr && unknown->still_running) {
        return still_running;
    }
    if (const auto* const failed = std::get_if<reconcile::action_failed>(&outcome)) {
        return reconcile::failure_code(reconcile::exit_code_of(failed->why));
    }
    return std::holds_alternative<reconcile::guest_moved>(outcome) ? reconcile::code_of(outcome) : std::string_view{};
}

} // namespace felhom::operate
