// SPDX-License-Identifier: Apache-2.0
#include "hub/reports.hpp"
#include "support/rapidcheck.hpp"

#include <felhom/hub/report_loop.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

using namespace felhom;
using namespace felhom::hub;
using namespace felhom::hub::testing;
using namespace std::chrono_literals;

namespace {

auto any_chance() -> double
{
    return *rc::gen::map(rc::gen::inRange(0, 1001), [](int n) { return n / 1000.0; });
}

} // namespace

TEST_CASE("whatever the hub does, every report is received, kept, or counted as missed exactly once, the newest first")
{
    rc::prop("nothing is lost unseen", [] {
        const auto size = report_made(now + 1ms).size();
        const auto kept = buffer_limits{.reports = *rc::gen::inRange<std::size_t>(1, 6),
                                        .bytes = size * *rc::gen::inRange<std::size_t>(1, 6)};
        auto loop = fresh_loop({}, kept);
        auto hub = simulated_hub{};
        auto made = std::uint64_t{0};
        auto time = uptime{0};
        const auto events = *rc::gen::inRange(1, 60);
        for (auto event = 0; event < events; ++event) {
            const auto step = loop.next(time);
            if (std::holds_alternative<collect_report>(step)) {
                const auto larger = *rc::gen::element<std::size_t>(0, 0, size * 2);
                loop.collected(time, now + time, report_made(now + time, larger), any_chance());
                ++made;
            } else if (const auto* const send = std::get_if<send_report>(&step)) {
                const auto how = *rc::gen::inRange(0, 5);
                if (how == 0) {
                    loop.sent(time, hub.answer(time, send->report), any_chance());
                } else if (how == 1) {
                    loop.sent(time, report_refused{}, any_chance());
                } else {
                    loop.sent(time,
                              report_postponed{
                                  *rc::gen::element<std::optional<std::chrono::milliseconds>>(std::nullopt, 0ms, 200s)},
                              any_chance());
                }
            } else {
                time = std::max(time + 1ms, std::get<wait_until>(step).time.value());
            }
            RC_ASSERT(loop.buffer().reports() <= kept.reports);
            RC_ASSERT(loop.buffer().bytes() <= kept.bytes);
        }
        // One more that is received brings the marks of all that went before it.
        auto last_time = time + std::chrono::hours{2};
        for (auto more = 0; more < 200; ++more) {
            const auto step = loop.next(last_time);
            if (std::holds_alternative<collect_report>(step)) {
                loop.collected(last_time, now + last_time, report_made(now + last_time), 0.0);
                ++made;
            } else if (const auto* const send = std::get_if<send_report>(&step)) {
                loop.sent(last_time, hub.answer(last_time, send->report), 0.0);
            } else {
                last_time = std::max(last_time + 1ms, std::get<wait_until>(step).time.value());
                if (loop.buffer().empty() && !hub.received.empty()) {
                    break;
                }
            }
        }
        RC_ASSERT(loop.buffer().empty());
        RC_ASSERT(counted(hub) == made);
        RC_ASSERT(is_newest_first_then_in_order(hub));
    });
}

TEST_CASE("a pause between two reports is never shorter than the interval, nor longer by more than the spread")
{
    rc::prop("bounds of the interval", [] {
        auto loop = fresh_loop();
        auto hub = simulated_hub{};
        hub.interval = std::chrono::seconds{*rc::gen::inRange(0, 5000)};
        const auto in_force = uptime{std::clamp(hub.interval, shortest_poll, longest_poll)};
        const auto facts = run(loop, hub, 4 * in_force, 0, any_chance);
        for (auto at = std::size_t{1}; at < facts.made_at.size(); ++at) {
            const auto pause = facts.made_at[at] - facts.made_at[at - 1];
            RC_ASSERT(pause >= in_force);
            RC_ASSERT(pause <= in_force + in_force / 10);
        }
        RC_ASSERT(facts.made_at.size() >= 4);
        RC_ASSERT(facts.made_at.front() == 0ms);
    });
}

TEST_CASE("a pause after an error is within its bounds, whatever the hub wishes")
{
    rc::prop("bounds of the backoff", [] {
        const auto policy = loop_policy{};
        auto loop = fresh_loop(policy);
        // What is due at a time when there is no new report to be made.
        const auto due = [&](uptime time) {
            auto step = loop.next(time);
            if (std::holds_alternative<collect_report>(step)) {
                loop.collected(time, now, std::nullopt, any_chance());
                step = loop.next(time);
            }
            return step;
        };
        const auto is_sending = [](const loop_step& step) { return std::holds_alternative<send_report>(step); };
        auto time = uptime{0};
        RC_ASSERT(std::holds_alternative<collect_report>(loop.next(time)));
        loop.collected(time, now, report_made(now), any_chance());
        const auto errors = *rc::gen::inRange(1, 40);
        for (auto error = 0; error < errors; ++error) {
            RC_ASSERT(is_sending(due(time)));
            const auto wish = *rc::gen::element<std::chrono::milliseconds>(0ms, 90s, 3600s, 1'000'000s);
            const auto wished = rc::gen::arbitrary<bool>();
            const auto asked = *wished ? std::optional{wish} : std::nullopt;
            loop.sent(time, report_postponed{asked}, any_chance());
            const auto honoured = std::min<std::chrono::milliseconds>(asked.value_or(0ms), longest_poll);
            const auto least = std::max(policy.after_error.first / 2, honoured);
            const auto most = std::max(policy.after_error.longest, honoured + policy.after_error.first);
            RC_ASSERT(!is_sending(due(time + least - 1ms)));
            time += most;
        }
    });
}
