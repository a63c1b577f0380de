// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hub/observations.hpp"

#include <felhom/core/json/strict.hpp>
#include <felhom/hub/report/host_report_json.hpp>
#include <felhom/hub/report_loop.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// Reports that tell when they were made, and little else.
namespace felhom::hub::testing {

/// A report of this size, if it is large enough to be one.
[[nodiscard]] inline auto report_made(instant made, std::size_t size = 0) -> open_report
{
    static const auto bare = make_host_report(nothing_but_status()).value();
    auto report = bare;
    report.created_at = made;
    const auto least = open_report::of(report).size();
    report.agent_version += std::string(size > least ? size - least : 0, 'x');
    return open_report::of(report);
}

/// The run that all of these reports are of.
[[nodiscard]] inline auto this_run() -> run_id
{
    return a_stamp().run;
}

/// A loop to which nothing was left.
[[nodiscard]] inline auto fresh_loop(const loop_policy& policy = {}, buffer_limits kept = {}) -> report_loop
{
    return {policy, report_buffer{this_run(), kept}};
}

/// The wish to send the report that was made then.
[[nodiscard]] inline auto to_send(std::uint64_t sequence, instant made,
                                  std::optional<missed_reports> missed = std::nullopt) -> loop_step
{
    return send_report{
        {.report = report_made(made), .run = this_run(), .sequence = sequence, .missed = std::move(missed)}};
}

/// The number of the report in a body, when it was made, and what it says was missed before it.
struct body_facts {
    std::uint64_t sequence;
    instant made;
    std::optional<missed_reports> missed = std::nullopt;

    friend auto operator==(const body_facts&, const body_facts&) -> bool = default;
};

[[nodiscard]] inline auto facts_of(const std::string& body) -> body_facts
{
    const auto document = parse_strict_json(body, {}).value();
    const auto time = [](const boost::json::value& text) { return parse_instant(text.as_string()).value(); };
    auto facts = body_facts{.sequence = document.at("sequence").to_number<std::uint64_t>(),
                            .made = time(document.at("created_at"))};
    if (const auto& missed = document.at("missed"); !missed.is_null()) {
        facts.missed = missed_reports{.count = missed.at("count").to_number<std::uint64_t>(),
                                      .from = time(missed.at("from")),
                                      .to = time(missed.at("to"))};
    }
    return facts;
}

/// A hub in virtual time: it is away between two times, and else takes what comes.
struct simulated_hub {
    uptime away_from{0};
    uptime away_until{0};
    std::chrono::seconds interval = shortest_poll;
    std::vector<std::pair<uptime, body_facts>> received = {};

    auto answer(uptime time, const unsent_report& report) -> report_outcome
    {
        if (time >= away_from && time < away_until) {
            return report_postponed{};
        }
        auto copy = report;
        received.emplace_back(time, facts_of(std::move(copy).body(now + time)));
        return report_accepted{interval};
    }
};

struct run_facts {
    std::vector<uptime> made_at = {};
    std::size_t most_kept = 0;
    std::size_t most_bytes = 0;
};

/// Drives a loop until a time; making and sending take no time. Reports have this size.
template <typename Chance>
[[nodiscard]] auto run(report_loop& loop, simulated_hub& hub, uptime until, std::size_t size, Chance chance)
    -> run_facts
{
    auto facts = run_facts{};
    for (auto time = uptime{0}; time < until;) {
        const auto step = loop.next(time);
        if (std::holds_alternative<collect_report>(step)) {
            loop.collected(time, now + time, report_made(now + time, size), chance());
            facts.made_at.push_back(time);
        } else if (const auto* const send = std::get_if<send_report>(&step)) {
            loop.sent(time, hub.answer(time, send->report), chance());
        } else {
            time = std::max(time, std::get<wait_until>(step).time.value());
        }
        facts.most_kept = std::max(facts.most_kept, loop.buffer().reports());
        facts.most_bytes = std::max(facts.most_bytes, loop.buffer().bytes());
    }
    return facts;
}

/// How many reports were received or counted as missed; nothing when one came twice, or was marked where it may not be.
[[nodiscard]] inline auto counted(const simulated_hub& hub) -> std::optional<std::uint64_t>
{
    auto all = std::uint64_t{0};
    auto sequences = std::set<std::uint64_t>{};
    for (const auto& [time, facts] : hub.received) {
        if (const auto& missed = facts.missed) {
            if (missed->count == 0 || missed->to < missed->from || facts.made <= missed->to) {
                return std::nullopt;
            }
            all += missed->count;
        }
        if (!sequences.insert(facts.sequence).second) {
            return std::nullopt;
        }
        ++all;
    }
    return all;
}

/// Whether each report that was received was news, or the oldest of those that came after it.
[[nodiscard]] inline auto is_newest_first_then_in_order(const simulated_hub& hub) -> bool
{
    auto newest = std::uint64_t{0};
    auto last_old = std::uint64_t{0};
    for (const auto& [time, facts] : hub.received) {
        const auto is_news = facts.sequence > newest;
        if (!is_news && facts.sequence <= last_old) {
            return false;
        }
        (is_news ? newest : last_old) = facts.sequence;
    }
    return true;
}

} // namespace felhom::hub::testing
