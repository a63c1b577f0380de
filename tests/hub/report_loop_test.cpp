// SPDX-License-Identifier: Apache-2.0
#include "hub/reports.hpp"

#include <felhom/hub/hub_answer.hpp>
#include <felhom/hub/report_loop.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace felhom;
using namespace felhom::hub;
using namespace felhom::net;
using namespace felhom::hub::testing;
using namespace std::chrono_literals;

namespace {

const auto idle = [](uptime until) { return loop_step{wait_until{until}}; };

/// A loop whose first report was made at 0 and is being sent.
auto sending(loop_policy policy = {}, double chance = 0) -> report_loop
{
    auto loop = fresh_loop(policy);
    REQUIRE(loop.next(0ms) == loop_step{collect_report{}});
    loop.collected(0ms, now, report_made(now), chance);
    REQUIRE(std::holds_alternative<send_report>(loop.next(0ms)));
    return loop;
}

/// How long a loop waits to send again after these outcomes, each told the moment it is waited for.
auto pauses(report_loop loop, const std::vector<report_outcome>& outcomes, double chance) -> std::vector<uptime>
{
    auto all = std::vector<uptime>{};
    auto time = uptime{0};
    for (const auto& outcome : outcomes) {
        loop.sent(time, outcome, chance);
        const auto failed_at = time;
        while (true) {
            const auto step = loop.next(time);
            if (std::holds_alternative<send_report>(step)) {
                break;
            }
            if (std::holds_alternative<collect_report>(step)) {
                loop.collected(time, now + time, report_made(now + time), chance);
                continue;
            }
            time = std::get<wait_until>(step).time.value();
        }
        all.push_back(time - failed_at);
    }
    return all;
}

} // namespace

TEST_CASE("the first report is made at once, and sent at once")
{
    auto loop = fresh_loop();
    CHECK(loop.next(5s) == loop_step{collect_report{}});
    CHECK(loop.next(5s) == loop_step{wait_until{std::nullopt}});
    loop.collected(6s, now, report_made(now), 0.0);
    CHECK(loop.next(6s) == to_send(1, now));
    CHECK(loop.next(6s) == idle(65s));
}

TEST_CASE("the next report is made an interval after the last one began, with a share that chance adds")
{
    auto loop = sending();
    loop.sent(0ms, report_accepted{100s}, 0.0);
    CHECK(loop.interval() == 100s);
    CHECK(loop.next(0ms) == idle(100s));
    auto spread = sending();
    spread.sent(0ms, report_accepted{100s}, 1.0);
    CHECK(spread.next(0ms) == idle(110s));
    auto beyond = sending();
    beyond.sent(0ms, report_accepted{100s}, 7.0);
    CHECK(beyond.next(0ms) == idle(110s));
}

TEST_CASE("an interval outside the bounds is brought into them")
{
    auto loop = sending();
    loop.sent(0ms, report_accepted{1s}, 0.0);
    CHECK(loop.interval() == 60s);
    CHECK(loop.next(60s) == loop_step{collect_report{}});
    loop.collected(60s, now, std::nullopt, 0.0);
    REQUIRE(loop.buffer().empty());
    auto slow = sending();
    slow.sent(0ms, report_accepted{std::chrono::hours{24}}, 0.0);
    CHECK(slow.interval() == 3600s);
}

TEST_CASE("collecting that takes longer than the interval is followed by the next at once, and by no more than that")
{
    auto loop = sending();
    loop.sent(0ms, report_accepted{60s}, 0.0);
    REQUIRE(loop.next(60s) == loop_step{collect_report{}});
    loop.collected(300s, now, std::nullopt, 0.0);
    CHECK(loop.next(300s) == loop_step{collect_report{}});
    loop.collected(301s, now, std::nullopt, 0.0);
    CHECK(loop.next(301s) == idle(360s));
}

TEST_CASE("a report that could not be made is tried again in its interval, and nothing is sent")
{
    auto loop = sending();
    loop.sent(0ms, report_accepted{60s}, 0.0);
    REQUIRE(loop.next(60s) == loop_step{collect_report{}});
    loop.collected(60s, now, std::nullopt, 0.0);
    CHECK(loop.next(60s) == idle(120s));
    CHECK(loop.buffer().empty());
}

TEST_CASE("until there was a report it is tried again as after an error, and at the latest in its interval")
{
    auto loop = fresh_loop();
    auto time = uptime{0};
    auto pauses = std::vector<uptime>{};
    for (auto skipped = 0; skipped < 5; ++skipped) {
        REQUIRE(loop.next(time) == loop_step{collect_report{}});
        loop.collected(time, now, std::nullopt, 0.0);
        const auto next = std::get<wait_until>(loop.next(time)).time.value();
        pauses.push_back(next - time);
        time = next;
    }
    CHECK(pauses == std::vector<uptime>{5s, 10s, 20s, 40s, 60s});
    CHECK(loop.buffer().empty());
}

TEST_CASE("a loop goes on with what another had not sent, and makes a report at once")
{
    auto before = sending();
    before.sent(0ms, report_postponed{}, 0.0);
    auto after = report_loop{{}, std::move(before).leave()};
    CHECK(after.next(1s) == loop_step{collect_report{}});
    CHECK(after.next(1s) == to_send(1, now));
    after.sent(1s, report_accepted{60s}, 0.0);
    after.collected(2s, now + 2s, report_made(now + 2s), 0.0);
    CHECK(after.next(3s) == to_send(2, now + 2s)); // the numbers of the run go on
}

TEST_CASE("after each error the pause doubles, up to its longest, and success ends it")
{
    const auto error = report_outcome{report_postponed{}};
    const auto errors = std::vector<report_outcome>(9, error);
    CHECK(pauses(sending(), errors, 1.0) == std::vector<uptime>{10s, 20s, 40s, 80s, 160s, 320s, 640s, 900s, 900s});
    CHECK(pauses(sending(), errors, 0.0) == std::vector<uptime>{5s, 10s, 20s, 40s, 80s, 160s, 320s, 450s, 450s});
    CHECK(pauses(sending(), {error, error, report_accepted{60s}, error}, 1.0).back() == 10s);
}

TEST_CASE("the hub's Retry-After is waited for, and a little longer by chance")
{
    const auto asks = [](std::chrono::milliseconds time) {
        return std::vector<report_outcome>{report_postponed{time}};
    };
    CHECK(pauses(sending(), asks(120s), 0.0) == std::vector<uptime>{125s});
    CHECK(pauses(sending(), asks(120s), 1.0) == std::vector<uptime>{130s});
}

TEST_CASE("a short Retry-After does not shorten the pause, and a long one does not silence the host")
{
    CHECK(pauses(sending(), {report_postponed{}, report_postponed{}, report_postponed{}, report_postponed{0s}}, 1.0)
              .back()
          == 80s);
    CHECK(pauses(sending(), {report_postponed{std::chrono::hours{10'000}}}, 0.0) == std::vector<uptime>{3605s});
}

TEST_CASE("while the hub is away reports are still made in their interval")
{
    auto loop = sending();
    loop.sent(0ms, report_postponed{1h}, 0.0);
    for (auto time = uptime{60s}; time < 1h; time += 60s) {
        REQUIRE(loop.next(time) == loop_step{collect_report{}});
        loop.collected(time, now + time, report_made(now + time), 0.0);
        REQUIRE(loop.next(time) == idle(std::min<uptime>(time + 60s, 3605s)));
    }
    CHECK(loop.buffer().reports() == 60);
}

TEST_CASE("after an outage the newest report goes first, then the others, oldest first, one in each pace")
{
    auto loop = sending();
    loop.sent(0ms, report_postponed{}, 0.0);
    for (const auto time : {60s, 120s}) {
        REQUIRE(loop.next(time) == loop_step{collect_report{}});
        loop.collected(time, now + time, report_made(now + time), 0.0);
        if (time == 60s) {
            REQUIRE(loop.next(time) == to_send(2, now + 60s));
            loop.sent(time, report_postponed{}, 0.0); // 10 s, by chance 5
        }
    }
    REQUIRE(loop.next(120s) == to_send(3, now + 120s));
    loop.sent(120s, report_accepted{60s}, 0.0);
    CHECK(loop.next(120s) == idle(122s));
    CHECK(loop.next(122s) == to_send(1, now));
    loop.sent(122s, report_accepted{60s}, 0.0);
    CHECK(loop.next(124s) == to_send(2, now + 60s));
}

TEST_CASE("a report that is made while older ones are sent goes before them")
{
    auto loop = sending();
    loop.sent(0ms, report_postponed{}, 0.0);
    REQUIRE(loop.next(60s) == loop_step{collect_report{}});
    loop.collected(60s, now + 60s, report_made(now + 60s), 0.0);
    REQUIRE(loop.next(60s) == to_send(2, now + 60s));
    loop.sent(60s, report_accepted{60s}, 0.0);
    loop.trigger(61s);
    REQUIRE(loop.next(61s) == loop_step{collect_report{}});
    loop.collected(61s, now + 61s, report_made(now + 61s), 0.0);
    CHECK(loop.next(62s) == to_send(3, now + 61s));
    loop.sent(62s, report_accepted{60s}, 0.0);
    CHECK(loop.next(64s) == to_send(1, now));
}

TEST_CASE("a report that the hub refuses does not hold up the others")
{
    auto loop = sending();
    loop.sent(0ms, report_refused{}, 1.0);
    CHECK(loop.failures() == 1);
    REQUIRE(loop.next(66s) == loop_step{collect_report{}});
    loop.collected(66s, now + 66s, report_made(now + 66s), 0.0);
    const auto missed = missed_reports{.count = 1, .from = now, .to = now};
    CHECK(loop.next(66s) == to_send(2, now + 66s, missed));
}

TEST_CASE("somebody who asks for a report gets one now, and another who asks again no sooner than ten seconds later")
{
    auto loop = sending();
    loop.sent(0ms, report_accepted{1h}, 0.0);
    auto sequence = std::uint64_t{1};
    for (const auto due : {20s, 30s}) {
        loop.trigger(20s);
        CHECK(loop.next(due - 1ms) == loop_step{wait_until{due}});
        CHECK(loop.next(due) == loop_step{collect_report{}});
        loop.collected(due, now + due, report_made(now + due), 0.0);
        CHECK(loop.next(due) == to_send(++sequence, now + due));
        loop.sent(due, report_accepted{1h}, 0.0);
    }
}

TEST_CASE("a person who asks for a report and waits has one made and sent at once, also to a hub that is away")
{
    auto loop = sending();
    loop.sent(0ms, report_postponed{}, 0.0);
    loop.demand(1s);
    REQUIRE(loop.next(1s) == loop_step{collect_report{}});
    loop.collected(1s, now + 1s, report_made(now + 1s), 0.0);
    CHECK(loop.next(1s) == to_send(2, now + 1s));
    loop.sent(1s, report_postponed{}, 0.0);
    CHECK(loop.next(1s) == idle(11s)); // the pauses go on
}

TEST_CASE("a hub that is to be left alone is, whoever else asks for a report")
{
    auto loop = sending();
    loop.sent(0ms, report_postponed{30min}, 0.0);
    const auto before = loop.next(20s);
    loop.trigger(20s);
    CHECK(loop.next(20s) == before);
}

TEST_CASE("a report that was taken with an answer nobody understands is delivered, and the interval stays")
{
    auto loop = sending();
    loop.sent(0ms, report_accepted{100s}, 0.0);
    REQUIRE(loop.next(100s) == loop_step{collect_report{}});
    loop.collected(100s, now + 100s, report_made(now + 100s), 0.0);
    REQUIRE(loop.next(100s) == to_send(2, now + 100s));
    loop.sent(100s, report_accepted{std::nullopt}, 0.0);
    CHECK(loop.buffer().empty());
    CHECK(loop.failures() == 0);
    CHECK(loop.next(100s) == idle(200s));
}

TEST_CASE("which errors of the hub are about the report, and which may pass")
{
    const auto outcome = [](int status, std::optional<std::string> retry_after = std::nullopt) {
        return outcome_of(read_envelope(hub_answer{.status = status,
                                                   .reason = "",
                                                   .body = "{}",
                                                   .tag = std::nullopt,
                                                   .retry_after = std::move(retry_after)},
                                        {}),
                          now);
    };
    for (const auto status : {400, 413, 415, 422}) {
        INFO(status);
        CHECK(std::holds_alternative<report_refused>(outcome(status)));
    }
    for (const auto status : {200, 201, 204}) {
        INFO(status);
        CHECK(std::get<report_accepted>(outcome(status)).poll_interval == std::nullopt);
    }
    for (const auto status : {301, 307, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504}) {
        INFO(status);
        CHECK(std::holds_alternative<report_postponed>(outcome(status)));
    }
    CHECK(std::get<report_postponed>(outcome(503, "30")).retry_after == 30s);
    CHECK(std::get<report_postponed>(outcome(503, "Tue, 24 Nov 2026 12:01:00 GMT")).retry_after == 60s);
    CHECK(std::get<report_postponed>(outcome(503, "soon")).retry_after == std::nullopt);
    const auto unsent = hub_exchanged{tl::unexpected(
        net::transport_error{.what = net::transport_error::kind::unreachable, .maybe_sent = false, .detail = ""})};
    CHECK(std::get<report_postponed>(outcome_of(read_envelope(unsent, {}), now)).retry_after == std::nullopt);
}

TEST_CASE("an outage of thirty days is survived in bounded memory, and told afterwards, the present first")
{
    using std::chrono::days;
    const auto policy = loop_policy{};
    const auto kept = buffer_limits{};
    auto loop = fresh_loop(policy, kept);
    auto hub = simulated_hub{.away_from = 10min, .away_until = days{30}};
    auto turn = 0;
    const auto facts = run(loop, hub, days{30} + 12h, 10'000, [&] { return (turn++ % 11) / 10.0; });

    CHECK(facts.made_at.size() > 40'000);
    CHECK(facts.most_kept == kept.reports);
    CHECK(facts.most_bytes <= kept.bytes);
    CHECK(counted(hub) == facts.made_at.size() - loop.buffer().reports());
    CHECK(loop.buffer().reports() <= 1);

    const auto back = std::ranges::find_if(hub.received, [](const auto& one) { return one.first >= days{30}; });
    REQUIRE(back != hub.received.end());
    CHECK(back->first <= days{30} + policy.after_error.longest);
    CHECK(back->second.made >= now + back->first - 2min);
    CHECK(is_newest_first_then_in_order(hub));

    auto shortest_pause = uptime::max();
    for (auto at = std::size_t{1}; at < hub.received.size(); ++at) {
        shortest_pause = std::min(shortest_pause, hub.received[at].first - hub.received[at - 1].first);
    }
    auto longest_gap = instant::duration{0};
    std::ranges::sort(hub.received, {}, [](const auto& one) { return one.second.made; });
    for (auto at = std::size_t{1}; at < hub.received.size(); ++at) {
        longest_gap = std::max(longest_gap, hub.received[at].second.made - hub.received[at - 1].second.made);
    }
    // What is left covers the whole outage, and comes one by one.
    CHECK(longest_gap < 2 * uptime{days{30}} / 512);
    CHECK(shortest_pause >= policy.pace);
}
