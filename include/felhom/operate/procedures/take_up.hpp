// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/operate/operating_rules.hpp>
#include <felhom/operate/procedures/host_procedure.hpp>
#include <felhom/operate/procedures/resolve.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace felhom::operate {

namespace detail {

/// Adds a look at each of these operations, in its guest's lane.
inline void look_again_at(const std::vector<operation_state>& all, const node_context& at, std::vector<lane_job>& jobs)
{
    for (const auto& one : all) {
        jobs.push_back({.guest = one.guest,
                        .kind = job_kind::plain,
                        .work = look_again(one, at),
                        .name = "look at operation " + std::to_string(number(one.id))});
    }
}

/// The operations whose tasks took longer than they were waited for.
[[nodiscard]] inline auto followed_in(const ledger& known) -> std::vector<operation_state>
{
    auto all = known.open_questions();
    std::erase_if(all, [](const operation_state& one) { return !one.is_followed(); });
    return all;
}

} // namespace detail

/// Finds out what became of every operation that was in flight when the agent stopped, and of what is unknown since.
/// Answers how many were in flight.
[[nodiscard]] inline auto take_up(operating_rules rules) -> host_procedure<std::size_t>
{
    const auto known = co_await read_ledger{};
    const auto at = context_of(rules);
    auto jobs = std::vector<lane_job>{};
    for (const auto& lost : known.in_flight()) {
        jobs.push_back({.guest = lost.guest, .kind = job_kind::plain, .work = resolve(lost, at)});
    }
    const auto count = jobs.size();
    auto unknown = known.open_questions();
    std::erase_if(unknown, [](const operation_state& one) { return !one.task; });
    detail::look_again_at(unknown, at, jobs);
    static_cast<void>(co_await run_in_lanes{std::move(jobs)});
    co_return count;
}

} // namespace felhom::operate
