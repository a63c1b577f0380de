// SPDX-License-Identifier: Apache-2.0
#include "reconcile/builders.hpp"
#include "support/catch.hpp"

#include <felhom/hub/report/pass_status.hpp>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

const auto day_start = *parse_instant("2026-06-01T00:00:00Z");

/// How the one guest that matters stands, "in_sync" when nothing is said of it.
auto state_of(const hub::drift_summary& drift, std::uint32_t guest) -> std::string
{
    for (const auto& one : drift.guests) {
        if (one.id == id_of(guest)) {
            return std::string{hub::text_of(one.state)};
        }
    }
    return "in_sync";
}

auto a_start_and_a_destruction() -> reconcile::plan
{
    auto gone = desire(102, {});
    gone.absent = true;
    return planned(normalized({desire(101, {}, reconcile::run_state::running), gone, desire(103, {})}),
                   observed({actual_guest_builder{101}.stopped().build(), actual_guest_builder{102}.build(),
                             actual_guest_builder{103}.build()}));
}

const auto all_three = std::vector{desire(101, {}), desire(102, {}), desire(103, {})};

} // namespace

TEST_CASE("each desired guest counts once in the drift, by the gravest that is said of it")
{
    const auto plan = a_start_and_a_destruction();
    const auto observing = operate::guard_plan(plan, operate::ledger{}, std::nullopt, false, day_start, {});
    const auto drift = hub::drift_after(all_three, plan, observing, {}, the_agent());
    CHECK(drift.in_sync == 1);
    CHECK(drift.held == 2);
    CHECK(state_of(drift, 101) == "held");
    CHECK(state_of(drift, 102) == "held");
    CHECK(state_of(drift, 103) == "in_sync");
}

TEST_CASE("what is carried out and achieved is in sync, and a failure is held with its reason")
{
    const auto plan = a_start_and_a_destruction();
    const auto acting = operate::guard_plan(plan, operate::ledger{}, std::nullopt, false, day_start,
                                            {.who = operate::run_mode::interactive});
    CHECK(state_of(hub::drift_after(all_three, plan, acting, {}, the_agent()), 101) == "in_sync");
    const auto result = [&](reconcile::action_outcome outcome) {
        return std::vector{reconcile::action_result{.what = plan.actions().front(), .outcome = std::move(outcome)}};
    };
    const auto achieved = hub::drift_after(all_three, plan, acting, result(reconcile::achieved{}), the_agent());
    CHECK(state_of(achieved, 101) == "in_sync");
    const auto broken = proxmox::call_error{proxmox::api_error{.status = 500, .message = "bridge is missing"}};
    const auto complained =
        hub::drift_after(all_three, plan, acting, result(reconcile::achieved{.despite = broken}), the_agent());
    CHECK(state_of(complained, 101) == "held");
    const auto failed =
        hub::drift_after(all_three, plan, acting, result(reconcile::not_started{.why = "no such bridge"}), the_agent());
    REQUIRE(state_of(failed, 101) == "held");
    REQUIRE(failed.guests.front().reasons.size() == 1);
    CHECK(failed.guests.front().reasons.front().find("no such bridge") != std::string::npos);
}

TEST_CASE("a guest of which policy refused something is not in sync, and one that is held as well is held")
{
    const auto plan = a_start_and_a_destruction();
    const auto split = operate::guard_plan(plan, operate::ledger{}, std::nullopt, false, day_start, {});
    const auto refusal = [](std::uint32_t id) {
        return hub::policy_refusal{.id = id_of(id), .key = "memory", .wanted = "1024", .why = hub::key_not_allowed{}};
    };
    const auto drift =
        hub::drift_after(all_three, plan, split, {}, the_agent(), {refusal(101), refusal(103), refusal(104)});
    CHECK(drift.in_sync == 0);
    CHECK(drift.refused == 2);
    CHECK(state_of(drift, 101) == "held");
    CHECK(state_of(drift, 103) == "refused");
    CHECK(state_of(drift, 104) == "refused"); // all of it was refused, so nothing of it is planned
    CHECK(drift.guests.back().reasons == std::vector<std::string>{"memory: " + describe(refusal(104).why)});
}

TEST_CASE("a parked guest is told from one that is merely held")
{
    auto known = operate::ledger{};
    known.fold(
        operate::guest_parked{.guest = id_of(101), .at = day_start, .generation = 1, .reason = "no such bridge"});
    const auto plan = a_start_and_a_destruction();
    const auto split = operate::guard_plan(plan, known, std::nullopt, false, day_start, {.enforces = true});
    CHECK(state_of(hub::drift_after(all_three, plan, split, {}, the_agent()), 101) == "parked");
}

TEST_CASE("an unknown outcome is reported until a person has acknowledged it")
{
    auto known = operate::ledger{};
    const auto id = operate::operation_id{1};
    known.fold(operate::operation_started{.id = id,
                                          .at = day_start,
                                          .guest = id_of(101),
                                          .from = operate::origin::reconcile,
                                          .what = operate::guest_start{},
                                          .generation = 1});
    CHECK(hub::unknown_operations_of(known).empty());
    known.fold(operate::operation_ended{
        .id = id, .at = day_start, .how = operate::ending::unknown, .detail = "its worker vanished"});
    CHECK(hub::unknown_operations_of(known)
          == std::vector{hub::unknown_operation{.id = 1,
                                                .guest = id_of(101),
                                                .what = "guest.start",
                                                .started = day_start,
                                                .detail = "its worker vanished"}});
    known.fold(operate::operation_acknowledged{.id = id, .at = day_start, .by = "root"});
    CHECK(hub::unknown_operations_of(known).empty());
}

TEST_CASE("the starts and stops of the last day count against the hub's budget")
{
    auto known = operate::ledger{};
    known.fold(operate::operation_started{.id = operate::operation_id{1},
                                          .at = day_start,
                                          .guest = id_of(101),
                                          .from = operate::origin::reconcile,
                                          .what = operate::guest_start{},
                                          .generation = 1});
    CHECK(hub::restarts_of(known, day_start + 1h) == hub::restart_counts{{id_of(101), 1U}});
    CHECK(hub::restarts_of(known, day_start + 25h) == hub::restart_counts{{id_of(101), 0U}});
}
