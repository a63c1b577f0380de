// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/exit_code.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/operate/consent.hpp>
#include <felhom/operate/ledger.hpp>
#include <felhom/reconcile/plan/plan.hpp>
#include <felhom/reconcile/plan/run_policy.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// What of a plan is carried out now. The plan says what parts the node from what is desired; who runs, what has failed
// before and what the owner allows say what of it may be done.
namespace felhom::operate {

/// Nothing is done unattended: the mode is to observe.
struct only_observing {
    static constexpr auto code = std::string_view{"observing"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto next_try = std::nullopt;
    static constexpr auto description =
        std::string_view{"reconcile.mode is observe: run `felhom-agent apply`, or set it to enforce"};
    friend auto operator==(const only_observing&, const only_observing&) -> bool = default;
};
struct held_by_pause {
    std::string text;

    static constexpr auto code = std::string_view{"paused"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto next_try = std::nullopt;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "paused" + (text.empty() ? "" : " (" + printable(text) + ")") + ": `felhom-agent resume` ends it";
    }
    friend auto operator==(const held_by_pause&, const held_by_pause&) -> bool = default;
};
struct held_by_hub {
    static constexpr auto code = std::string_view{"blocked"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto next_try = std::nullopt;
    static constexpr auto description = std::string_view{"the hub has blocked all changes"};
    friend auto operator==(const held_by_hub&, const held_by_hub&) -> bool = default;
};
/// It failed before, and is tried again at a time.
struct waits_after_failure {
    std::string reason;
    std::uint32_t times;
    instant next_try;

    static constexpr auto code = std::string_view{"failed_before"};
    static constexpr auto exit_status = exit_code::busy;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "failed " + std::to_string(times) + (times == 1 ? " time" : " times") + ", tried again at "
               + to_rfc3339(next_try) + ": " + reason;
    }
    friend auto operator==(const waits_after_failure&, const waits_after_failure&) -> bool = default;
};
/// It failed too often: it is tried again for a new generation, or when an operator releases the guest.
struct held_as_parked {
    std::string reason;
    instant since;

    static constexpr auto code = std::string_view{"parked"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto next_try = std::nullopt;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "parked since " + to_rfc3339(since)
               + ", until a new generation or `felhom-agent ops release`: " + reason;
    }
    friend auto operator==(const held_as_parked&, const held_as_parked&) -> bool = default;
};
/// The guest was started or stopped as often as it may be in a day.
struct budget_spent {
    std::size_t limit;
    std::optional<instant> next_try; ///< nothing: the limit is zero

    static constexpr auto code = std::string_view{"budget"};
    static constexpr auto exit_status = exit_code::refused;
    [[nodiscard]] auto describe() const -> std::string
    {
        return next_try ? "started or stopped " + std::to_string(limit) + (limit == 1 ? " time" : " times")
                              + " in a day, its limit; tried again at " + to_rfc3339(*next_try)
                        : "reconcile.restarts_per_day is 0: `felhom-agent apply` starts and stops it";
    }
    friend auto operator==(const budget_spent&, const budget_spent&) -> bool = default;
};
/// Too many guests at once: more likely a mistake than a wish.
struct too_many_at_once {
    std::size_t guests;
    std::size_t of;

    static constexpr auto code = std::string_view{"too_many"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto next_try = std::nullopt;
    [[nodiscard]] auto describe() const -> std::string
    {
        return std::to_string(guests) + " of " + std::to_string(of)
               + " guests would be changed at once: look at the plan, and `felhom-agent apply` it with "
                 "--accept-mass-change";
    }
    friend auto operator==(const too_many_at_once&, const too_many_at_once&) -> bool = default;
};
/// An operation on the guest is still under way, or its outcome is being looked for.
struct operation_in_flight {
    operation_id id;

    static constexpr auto code = std::string_view{"in_flight"};
    static constexpr auto exit_status = exit_code::busy;
    static constexpr auto next_try = std::nullopt;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "operation " + std::to_string(number(id)) + " on this guest has not ended";
    }
    friend auto operator==(const operation_in_flight&, const operation_in_flight&) -> bool = default;
};

/// Somebody agreed to a plan that was shown, and this is not in it.
struct not_as_shown {
    static constexpr auto code = std::string_view{"not_as_shown"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto next_try = std::nullopt;
    static constexpr auto description = std::string_view{
        "not in the plan that was shown, since the guest or what is desired of it was changed meanwhile: `apply` again "
        "shows it"};
    friend auto operator==(const not_as_shown&, const not_as_shown&) -> bool = default;
};

using hold_reason = std::variant<only_observing, held_by_pause, held_by_hub, waits_after_failure, held_as_parked,
                                 budget_spent, too_many_at_once, operation_in_flight, not_as_shown>;

/// The stable name of a reason, for programs.
[[nodiscard]] inline auto code_of(const hold_reason& why) -> std::string_view
{
    return felhom::code_of(why);
}

/// When it is tried again by itself, if it is.
[[nodiscard]] inline auto next_try_of(const hold_reason& why) -> std::optional<instant>
{
    return told<std::optional<instant>>(why, [](const auto& one) -> std::optional<instant> { return one.next_try; });
}

[[nodiscard]] inline auto describe(const hold_reason& why) -> std::string
{
    return description_of(why);
}

struct guard_policy {
    run_mode who = run_mode::unattended;
    bool enforces = false; ///< the mode of unattended passes
    std::uint32_t most_failures = 5;
    backoff_policy after_failure{.first = std::chrono::minutes{1}, .longest = std::chrono::hours{1}};
    std::size_t restarts_a_day = 6; ///< of one guest, unattended; 0: none
    std::size_t changing_count = 10;
    std::size_t changing_percent = 50;
    bool accepts_mass_change = false;
    std::optional<consent> agreed = std::nullopt; ///< nothing else is done; nothing: nobody was shown a plan
    std::chrono::milliseconds clock_tolerance = std::chrono::seconds{30}; ///< what is recorded may be so far ahead
};

struct held_action {
    reconcile::action what;
    hold_reason why;

    friend auto operator==(const held_action&, const held_action&) -> bool = default;
};

/// One plan: what is begun now, and what is held.
struct split_plan {
    std::vector<std::vector<reconcile::action>> now; ///< to be carried out, guest by guest
    std::vector<held_action> held;

    friend auto operator==(const split_plan&, const split_plan&) -> bool = default;
};

/// Whether a plan changes more guests than may be changed at once; nothing where it does not, or that was accepted.
[[nodiscard]] inline auto too_many_in(const reconcile::plan& planned, const guard_policy& policy)
    -> std::optional<too_many_at_once>
{
    auto guests = std::set<vmid>{};
    for (const auto& step : planned.actions()) {
        guests.insert(guest_of(step));
    }
    const auto many =
        guests.size() > policy.changing_count && guests.size() * 100 > planned.compared() * policy.changing_percent;
    return many && !policy.accepts_mass_change
               ? std::optional{too_many_at_once{.guests = guests.size(), .of = planned.compared()}}
               : std::nullopt;
}

namespace detail {

[[nodiscard]] inline auto changes_run_state(const reconcile::action& step) -> bool
{
    return told<bool>(step,
                      overloaded{[](const reconcile::update_config&) { return guest_set_config::changes_run_state; },
                                 [](const reconcile::grow_volume&) { return guest_resize::changes_run_state; },
                                 [](const reconcile::start_guest&) { return guest_start::changes_run_state; },
                                 [](const reconcile::shutdown_guest&) { return guest_shutdown::changes_run_state; }});
}

/// What holds a guest as a whole.
[[nodiscard]] inline auto hold_of_guest(vmid guest, std::uint64_t generation, const ledger& past, instant now,
                                        const guard_policy& policy) -> std::optional<hold_reason>
{
    for (const auto& [id, state] : past.operations()) {
        if (state.guest == guest && (state.in_flight() || state.is_followed())) {
            return operation_in_flight{id};
        }
    }
    if (const auto parked = past.parked().find(guest);
        parked != past.parked().end() && parked->second.generation == generation) {
        return held_as_parked{.reason = parked->second.reason, .since = parked->second.at};
    }
    const auto failed = past.failures(guest);
    if (policy.who == run_mode::unattended && failed.times > 0 && failed.generation == generation) {
        // A time in the future is one of a clock that was set back since: it counts as now.
        const auto next_try = std::min(failed.last, now) + backoff(policy.after_failure, failed.times, 1.0);
        if (now < next_try) {
            return waits_after_failure{.reason = failed.reason, .times = failed.times, .next_try = next_try};
        }
    }
    return std::nullopt;
}

/// What holds a start or a stop.
[[nodiscard]] inline auto hold_of_restart(vmid guest, const ledger& past, instant now, const guard_policy& policy)
    -> std::optional<hold_reason>
{
    static constexpr auto day = std::chrono::hours{24};
    const auto limit = policy.restarts_a_day;
    const auto restarts = past.restart_times(guest, now - day, now);
    if (policy.who == run_mode::interactive || restarts.size() < limit) {
        return std::nullopt;
    }
    // There is room for one more once of the last `limit` ones the first is a day old.
    const auto next_try = limit == 0 ? std::nullopt : std::optional{restarts[restarts.size() - limit] + day};
    return budget_spent{.limit = limit, .next_try = next_try};
}

/// What holds everything.
[[nodiscard]] inline auto hold_of_pass(const reconcile::plan& planned, const std::optional<std::string>& paused,
                                       bool blocked, const guard_policy& policy) -> std::optional<hold_reason>
{
    if (policy.who == run_mode::unattended && !policy.enforces) {
        return only_observing{};
    }
    if (paused) {
        return held_by_pause{*paused};
    }
    if (blocked) {
        return held_by_hub{};
    }
    if (const auto too_many = too_many_in(planned, policy)) {
        return *too_many;
    }
    return std::nullopt;
}

} // namespace detail

/// Splits a plan into what is done now and what is held, with the reason.
[[nodiscard]] inline auto guard_plan(const reconcile::plan& planned, const ledger& past,
                                     const std::optional<std::string>& paused, bool blocked, instant now,
                                     const guard_policy& policy) -> split_plan
{
    auto split = split_plan{};
    const auto of_pass = detail::hold_of_pass(planned, paused, blocked, policy);
    auto of_guest = std::optional<hold_reason>{};
    auto last = std::optional<vmid>{};
    for (const auto& step : planned.actions()) {
        const auto guest = guest_of(step);
        if (last != guest) {
            of_guest = detail::hold_of_guest(guest, planned.generation(), past, now, policy);
        }
        auto why = of_pass ? of_pass : of_guest;
        if (!why && detail::changes_run_state(step)) {
            why = detail::hold_of_restart(guest, past, now, policy);
        }
        if (!why && policy.agreed && !policy.agreed->covers(step)) {
            why = not_as_shown{};
        }
        if (why) {
            split.held.push_back({.what = step, .why = *std::move(why)});
        } else if (!split.now.empty() && guest_of(split.now.back().front()) == guest) {
            split.now.back().push_back(step);
        } else {
            split.now.push_back({step});
        }
        last = guest;
    }
    return split;
}

/// The record that lets what the journal dates in the future count as of now, where the clock was set back; nothing
/// where it was not.
[[nodiscard]] inline auto settle_clock(const ledger& past, instant now, const guard_policy& policy)
    -> std::optional<operation_record>
{
    const auto ahead = past.latest_counted();
    if (ahead <= now + policy.clock_tolerance) {
        return std::nullopt;
    }
    return remark{.at = now,
                  .what = "the clock was set back: it had shown " + to_rfc3339(ahead)
                          + ", and pauses, parking and the restarts of a day count from now",
                  .by = "felhom-agent",
                  .clock_was = ahead};
}

/// What a pass's failures come to: the guests that are parked from now on, and those that a new generation releases.
[[nodiscard]] inline auto settle(const ledger& past, std::uint64_t generation, instant now, const guard_policy& policy)
    -> std::vector<operation_record>
{
    auto records = std::vector<operation_record>{};
    for (const auto& [guest, parked] : past.parked()) {
        if (parked.generation != generation) {
            records.emplace_back(
                guest_released{.guest = guest, .at = now, .by = "generation " + std::to_string(generation)});
        }
    }
    for (const auto& [guest, row] : past.rows()) {
        if (row.generation == generation && row.times >= policy.most_failures && !past.parked().contains(guest)) {
            records.emplace_back(
                guest_parked{.guest = guest, .at = now, .generation = generation, .reason = row.reason});
        }
    }
    return records;
}

} // namespace felhom::operate
