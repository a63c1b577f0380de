// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/operate/guard.hpp>
#include <felhom/operate/operating_rules.hpp>
#include <felhom/operate/procedures/execute.hpp>
#include <felhom/operate/procedures/host_procedure.hpp>
#include <felhom/operate/procedures/plan_pass.hpp>
#include <felhom/operate/procedures/take_up.hpp>

#include <range/v3/view/take.hpp>
#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::operate {

/// One pass: what was seen and planned, what of it was held and what came of the rest.
struct pass_report {
    planned_pass planned;
    split_plan split;
    std::vector<action_result> results = {};
    bool complete = true;      ///< false: the agent was told to stop
    std::size_t under_way = 0; ///< guests whose work goes on: it was not waited for any longer
};

namespace detail {

/// Ends rows of failures and begins them, as the ledger now stands.
[[nodiscard]] inline auto settle_failures(std::uint64_t generation, guard_policy policy) -> host_procedure<bool>
{
    auto known = co_await read_ledger{};
    const auto now = co_await read_clock{};
    if (const auto noted = settle_clock(known, now, policy)) {
        static_cast<void>(co_await append{*noted}); // until it is recorded, the future counts as now at each look
        known = co_await read_ledger{};
    }
    const auto records = settle(known, generation, now, policy);
    for (const auto& record : records) {
        static_cast<void>(co_await append{record}); // the next pass comes to the same
    }
    co_return !records.empty();
}

/// A job for each guest.
[[nodiscard]] inline auto jobs_of(const split_plan& split, std::uint64_t generation, const node_context& at,
                                  run_mode who) -> std::vector<lane_job>
{
    auto jobs = std::vector<lane_job>{};
    for (const auto& actions : split.now) {
        const auto guest = guest_of(actions.front());
        // What an earlier pass has begun on the guest is not planned once more. Whoever stands by has asked for this
        // one.
        jobs.push_back({.guest = guest,
                        .kind = job_kind::plain,
                        .work = carry_out_all(actions, generation, origin::reconcile, at, who),
                        .name = who == run_mode::unattended ? "reconcile " + guest.text() : std::string{}});
    }
    return jobs;
}

/// Adds what came of one guest's job.
inline void note_end_of_job(lane_end end, pass_report& report)
{
    auto* const results = end ? std::get_if<std::vector<action_result>>(&*end) : nullptr;
    if (results != nullptr) {
        report.results.insert(report.results.end(), std::make_move_iterator(results->begin()),
                              std::make_move_iterator(results->end()));
        return;
    }
    const auto runs = end && std::holds_alternative<goes_on>(*end);
    report.under_way += runs ? 1 : 0;
    report.complete = report.complete && runs;
}

} // namespace detail

/// Reads the node, plans, and carries out what policy allows, guests side by side. What is followed is looked at again.
[[nodiscard]] inline auto run_pass(pass_input input, operating_rules rules)
    -> host_procedure<tl::expected<pass_report, pass_error>>
{
    auto planned = co_await plan_pass(input);
    if (!planned) {
        co_return tl::unexpected(std::move(planned).error());
    }
    auto at = context_of(rules);
    at.facts = planned->desired.facts();
    at.table = input.table;
    const auto generation = input.desired->generation;
    static_cast<void>(co_await detail::settle_failures(generation, rules.guard));
    const auto around = co_await look_around{};
    const auto known = co_await read_ledger{};
    auto split = guard_plan(planned->plan, known, around.paused, around.blocked, around.now, rules.guard);
    auto jobs = detail::jobs_of(split, generation, at, rules.guard.who);
    const auto own = jobs.size();
    detail::look_again_at(detail::followed_in(known), context_of(rules), jobs);
    auto report = pass_report{.planned = *std::move(planned), .split = std::move(split)};
    auto ends = co_await run_in_lanes{std::move(jobs)};
    for (auto& end : ends | ranges::views::take(own)) {
        detail::note_end_of_job(std::move(end), report);
    }
    static_cast<void>(co_await detail::settle_failures(generation, rules.guard));
    co_return report;
}

} // namespace felhom::operate
