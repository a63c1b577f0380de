// SPDX-License-Identifier: Apache-2.0
#include "reconcile/builders.hpp"
#include "support/catch.hpp"

#include <felhom/operate/guard.hpp>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

const auto start_of_day = *parse_instant("2026-06-01T00:00:00Z");

auto enforcing() -> operate::guard_policy
{
    return {.who = operate::run_mode::unattended, .enforces = true};
}

/// A plan that starts so many guests, from 101 on.
auto starts(std::uint32_t count) -> reconcile::plan
{
    auto desired = std::vector<reconcile::desired_guest>{};
    auto actual = std::vector<reconcile::actual_guest>{};
    for (auto id = 101U; id < 101U + count; ++id) {
        desired.push_back(desire(id, {}, reconcile::run_state::running));
        actual.push_back(actual_guest_builder{id}.stopped().build());
    }
    return planned(normalized(std::move(desired)), observed(std::move(actual)));
}

/// What a journal holds, record by record.
class past {
public:
    auto started(std::uint64_t id, instant at, operate::operation what = operate::guest_start{},
                 operate::run_mode who = operate::run_mode::unattended) -> past&
    {
        known_.fold(operate::operation_started{.id = operate::operation_id{id},
                                               .at = at,
                                               .guest = id_of(101),
                                               .from = operate::origin::reconcile,
                                               .what = std::move(what),
                                               .generation = 1,
                                               .who = who});
        return *this;
    }
    auto ended(std::uint64_t id, instant at, operate::ending how, std::string detail = "") -> past&
    {
        known_.fold(operate::operation_ended{
            .id = operate::operation_id{id}, .at = at, .how = how, .detail = std::move(detail)});
        return *this;
    }
    auto parked() -> past&
    {
        known_.fold(operate::guest_parked{
            .guest = id_of(101), .at = start_of_day, .generation = 1, .reason = "no such bridge"});
        return *this;
    }
    auto noted(const operate::operation_record& record) -> past&
    {
        known_.fold(record);
        return *this;
    }
    [[nodiscard]] auto known() const -> const operate::ledger& { return known_; }

private:
    operate::ledger known_;
};

struct moment {
    instant now = start_of_day + 12h;
    std::optional<std::string> paused = std::nullopt;
    bool blocked = false;
};

/// "now" for what is done, or the code of why the first action is held.
auto verdict(const reconcile::plan& plan, const operate::ledger& known, const operate::guard_policy& policy,
             const moment& at = {}) -> std::string
{
    const auto split = operate::guard_plan(plan, known, at.paused, at.blocked, at.now, policy);
    return split.held.empty() ? "now" : std::string{operate::code_of(split.held.front().why)};
}

} // namespace

TEST_CASE("an unattended pass acts only where the mode is enforce, a person's always")
{
    CHECK(verdict(starts(1), operate::ledger{}, enforcing()) == "now");
    CHECK(verdict(starts(1), operate::ledger{}, {}) == "observing");
    CHECK(verdict(starts(1), operate::ledger{}, {.who = operate::run_mode::interactive}) == "now");
}

TEST_CASE("a pause and the hub's block hold everybody")
{
    CHECK(verdict(starts(1), operate::ledger{}, enforcing(), {.paused = "moving house"}) == "paused");
    CHECK(verdict(starts(1), operate::ledger{}, {.who = operate::run_mode::interactive}, {.paused = ""}) == "paused");
    CHECK(verdict(starts(1), operate::ledger{}, enforcing(), {.blocked = true}) == "blocked");
}

TEST_CASE("a guest with an operation in flight is left alone, and the others are not")
{
    auto journal = past{};
    journal.started(1, start_of_day);
    const auto split =
        operate::guard_plan(starts(2), journal.known(), std::nullopt, false, start_of_day + 12h, enforcing());
    REQUIRE(split.held.size() == 1);
    CHECK(guest_of(split.held.front().what) == id_of(101));
    CHECK(operate::code_of(split.held.front().why) == "in_flight");
    REQUIRE(split.now.size() == 1);
    CHECK(guest_of(split.now.front().front()) == id_of(102));
}

TEST_CASE("after a failure the next try waits, longer each time, and a person does not wait")
{
    auto journal = past{};
    const auto midday = start_of_day + 12h;
    journal.started(1, midday).ended(1, midday, operate::ending::failed, "no such bridge");
    CHECK(verdict(starts(1), journal.known(), enforcing(), {.now = midday + 30s}) == "failed_before");
    CHECK(verdict(starts(1), journal.known(), enforcing(), {.now = midday + 2min}) == "now");
    CHECK(verdict(starts(1), journal.known(), {.who = operate::run_mode::interactive}, {.now = midday + 30s}) == "now");
    journal.started(2, midday + 2min).ended(2, midday + 2min, operate::ending::failed, "no such bridge");
    journal.started(3, midday + 6min).ended(3, midday + 6min, operate::ending::failed, "no such bridge");
    CHECK(verdict(starts(1), journal.known(), enforcing(), {.now = midday + 8min}) == "failed_before");
}

TEST_CASE("so many equal failures park a guest, and a new generation releases it")
{
    auto journal = past{};
    for (auto id = std::uint64_t{1}; id <= 5; ++id) {
        journal.started(id, start_of_day).ended(id, start_of_day, operate::ending::failed, "no such bridge");
    }
    const auto records = operate::settle(journal.known(), 1, start_of_day + 1h, enforcing());
    REQUIRE(records.size() == 1);
    CHECK(std::get<operate::guest_parked>(records.front()).guest == id_of(101));
    journal.parked();
    CHECK(verdict(starts(1), journal.known(), enforcing()) == "parked");
    CHECK(verdict(starts(1), journal.known(), {.who = operate::run_mode::interactive}) == "parked");
    const auto released = operate::settle(journal.known(), 2, start_of_day + 2h, enforcing());
    REQUIRE(released.size() == 1);
    CHECK(std::holds_alternative<operate::guest_released>(released.front()));
}

TEST_CASE("a guest is started or stopped only so often a day, unless somebody attends")
{
    auto journal = past{};
    for (auto id = std::uint64_t{1}; id <= 6; ++id) {
        const auto at = start_of_day + std::chrono::hours{id};
        journal.started(id, at).ended(id, at, operate::ending::succeeded);
    }
    CHECK(verdict(starts(1), journal.known(), enforcing()) == "budget");
    CHECK(verdict(starts(1), journal.known(), enforcing(), {.now = start_of_day + 26h}) == "now");
    CHECK(verdict(starts(1), journal.known(), {.who = operate::run_mode::interactive}) == "now");
}

TEST_CASE("what is over its starts and stops a day is told when it has one again")
{
    auto journal = past{};
    journal.started(1, start_of_day + 1h, operate::guest_set_config{})
        .ended(1, start_of_day + 1h, operate::ending::succeeded);
    for (auto id = std::uint64_t{2}; id <= 4; ++id) {
        const auto at = start_of_day + std::chrono::hours{id};
        journal.started(id, at).ended(id, at, operate::ending::succeeded);
    }
    auto twice = enforcing();
    twice.restarts_a_day = 2;
    const auto split = operate::guard_plan(starts(1), journal.known(), std::nullopt, false, start_of_day + 12h, twice);
    REQUIRE(split.held.size() == 1);
    const auto again = operate::next_try_of(split.held.front().why);
    CHECK(again == start_of_day + 27h); // a day after the last but one, at three
    CHECK(verdict(starts(1), journal.known(), twice, {.now = start_of_day + 27h - 1ms}) == "budget");
    CHECK(verdict(starts(1), journal.known(), twice, {.now = start_of_day + 27h}) == "now");
}

TEST_CASE("what a person had started or stopped does not count")
{
    auto journal = past{};
    journal.started(1, start_of_day, operate::guest_shutdown{}, operate::run_mode::interactive)
        .ended(1, start_of_day, operate::ending::succeeded);
    auto once = enforcing();
    once.restarts_a_day = 1;
    CHECK(verdict(starts(1), journal.known(), once) == "now");
    journal.started(2, start_of_day).ended(2, start_of_day, operate::ending::succeeded);
    CHECK(verdict(starts(1), journal.known(), once) == "budget");
}

TEST_CASE("where nothing is started or stopped unattended, no time is promised")
{
    auto never = enforcing();
    never.restarts_a_day = 0;
    const auto split =
        operate::guard_plan(starts(1), operate::ledger{}, std::nullopt, false, start_of_day + 12h, never);
    REQUIRE(split.held.size() == 1);
    CHECK(operate::next_try_of(split.held.front().why) == std::nullopt);
    CHECK(operate::describe(split.held.front().why)
          == "reconcile.restarts_per_day is 0: `felhom-agent apply` starts and stops it");
}

TEST_CASE("a change of many guests at once is held until it is accepted")
{
    CHECK(verdict(starts(10), operate::ledger{}, enforcing()) == "now");
    CHECK(verdict(starts(11), operate::ledger{}, enforcing()) == "too_many");
    auto accepted = enforcing();
    accepted.accepts_mass_change = true;
    CHECK(verdict(starts(11), operate::ledger{}, accepted) == "now");
}

TEST_CASE("a failure, a parking and a start that a clock which was set back dates in the future count as of now")
{
    const auto a_year_on = start_of_day + 365 * 24h;
    auto journal = past{};
    journal.started(1, a_year_on).ended(1, a_year_on, operate::ending::failed, "no such bridge");
    const auto now = start_of_day + 12h;
    const auto held = operate::guard_plan(starts(1), journal.known(), std::nullopt, false, now, enforcing()).held;
    REQUIRE(held.size() == 1);
    CHECK(operate::next_try_of(held.front().why) == now + 1min);

    const auto noted = operate::settle_clock(journal.known(), now, enforcing());
    REQUIRE(noted.has_value());
    journal.noted(*noted);
    CHECK(verdict(starts(1), journal.known(), enforcing(), {.now = now + 30s}) == "failed_before");
    CHECK(verdict(starts(1), journal.known(), enforcing(), {.now = now + 1min}) == "now");
    CHECK_FALSE(operate::settle_clock(journal.known(), now, enforcing()).has_value());
}

TEST_CASE("a start in the future still counts against its day, and no longer than a day")
{
    auto once = enforcing();
    once.restarts_a_day = 1;
    auto journal = past{};
    journal.started(1, start_of_day + 365 * 24h).ended(1, start_of_day + 365 * 24h, operate::ending::succeeded);
    const auto now = start_of_day + 12h;
    journal.noted(*operate::settle_clock(journal.known(), now, once));
    CHECK(verdict(starts(1), journal.known(), once, {.now = now + 1h}) == "budget");
    CHECK(verdict(starts(1), journal.known(), once, {.now = now + 24h}) == "now");
}

TEST_CASE("a start counts against its day though a machine that was just started took it for the future")
{
    auto once = enforcing();
    once.restarts_a_day = 1;
    auto journal = past{};
    journal.started(1, start_of_day).ended(1, start_of_day, operate::ending::succeeded);
    const auto before_time_was_known = start_of_day - 5 * 365 * 24h;
    journal.noted(*operate::settle_clock(journal.known(), before_time_was_known, once));
    CHECK(verdict(starts(1), journal.known(), once, {.now = before_time_was_known + 1min}) == "budget");
    CHECK(verdict(starts(1), journal.known(), once, {.now = start_of_day + 1h}) == "budget");
    CHECK(verdict(starts(1), journal.known(), once, {.now = start_of_day + 25h}) == "now");
}

TEST_CASE("a journal that is ahead of the clock by no more than clocks may differ is left as it is")
{
    auto journal = past{};
    journal.started(1, start_of_day + 30s);
    CHECK_FALSE(operate::settle_clock(journal.known(), start_of_day, enforcing()).has_value());
}

TEST_CASE("a guest whose last task still runs is left alone until it is known how that ended")
{
    auto journal = past{};
    const auto midday = start_of_day + 12h;
    journal.started(1, midday, operate::guest_shutdown{});
    journal.noted(operate::operation_task{
        .id = operate::operation_id{1},
        .at = midday,
        .task = *proxmox::upid::parse("UPID:pve1:0000C350:00A1B2C3:6A1D8A40:vzshutdown:101:felhom@pve!agent:")});
    journal.noted(operate::operation_ended{.id = operate::operation_id{1},
                                           .at = midday + 10min,
                                           .how = operate::ending::unknown,
                                           .detail = "still running",
                                           .code = std::string{operate::still_running}});
    CHECK(verdict(starts(1), journal.known(), enforcing(), {.now = midday + 5h}) == "in_flight");
    journal.ended(1, midday + 6h, operate::ending::succeeded);
    CHECK(verdict(starts(1), journal.known(), enforcing(), {.now = midday + 6h}) == "now");
}
