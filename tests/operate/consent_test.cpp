// SPDX-License-Identifier: Apache-2.0
#include "reconcile/builders.hpp"
#include "support/catch.hpp"

#include <felhom/operate/consent.hpp>
#include <felhom/operate/guard.hpp>

#include <optional>
#include <string>

using namespace felhom;
using namespace felhom::testing;
using operate::before_applying;
using operate::before_applying_of;
using operate::consent;

namespace {

auto plan_of_memory(const std::string& from, const std::string& to) -> reconcile::plan
{
    return planned(normalized({desire(101, {{"memory", to}})}),
                   observed({actual_guest_builder{101}.with("memory", from).build()}));
}

auto plan_of_run_state(reconcile::run_state wanted) -> reconcile::plan
{
    auto guest = actual_guest_builder{101};
    if (wanted == reconcile::run_state::running) {
        guest.stopped();
    }
    return planned(normalized({desire(101, {}, wanted)}), observed({guest.build()}));
}

/// Why a person's pass holds a plan back, where another was shown; empty: it does not.
auto held_after(const reconcile::plan& shown, const reconcile::plan& now) -> std::string
{
    const auto rules = operate::guard_policy{.who = operate::run_mode::interactive, .agreed = consent::to(shown)};
    const auto split = operate::guard_plan(now, operate::ledger{}, std::nullopt, false, instant{}, rules);
    return split.held.empty() ? "" : std::string{operate::code_of(split.held.front().why)};
}

} // namespace

TEST_CASE("nothing is done that is not in the plan that was shown")
{
    CHECK(held_after(plan_of_memory("512", "1024"), plan_of_memory("512", "1024")).empty());
    CHECK(held_after(plan_of_memory("512", "1024"), plan_of_memory("512", "2048")) == "not_as_shown");
    CHECK(held_after(plan_of_memory("512", "1024"), plan_of_memory("256", "1024")) == "not_as_shown");
    CHECK(held_after(plan_of_run_state(reconcile::run_state::running), plan_of_run_state(reconcile::run_state::stopped))
          == "not_as_shown");
}

TEST_CASE("what was shown and is no longer needed does not hold the rest")
{
    const auto two = planned(normalized({desire(101, {{"memory", "1024"}, {"cores", "2"}})}),
                             observed({actual_guest_builder{101}.with("memory", "512").with("cores", "1").build()}));
    CHECK(held_after(two, plan_of_memory("512", "1024")).empty());
    CHECK(held_after(plan_of_memory("512", "1024"), two) == "not_as_shown");
}

TEST_CASE("apply asks at a terminal, and without one it needs --yes for whatever is more than live")
{
    const auto live = plan_of_memory("512", "1024");
    const auto stop = plan_of_run_state(reconcile::run_state::stopped);
    CHECK(before_applying_of(live, {.can_ask = true}) == before_applying::asks);
    CHECK(before_applying_of(live, {}) == before_applying::goes_on);
    CHECK(before_applying_of(stop, {}) == before_applying::refuses);
    CHECK(before_applying_of(stop, {.can_ask = true}) == before_applying::asks);
    CHECK(before_applying_of(stop, {.said_yes = true}) == before_applying::goes_on);
}

TEST_CASE("nobody is asked where there is nothing to do, or nothing of it would be done")
{
    const auto nothing = planned(normalized({}), observed({}));
    CHECK(before_applying_of(nothing, {.can_ask = true}) == before_applying::goes_on);
    CHECK(before_applying_of(plan_of_memory("512", "1024"), {.can_ask = true, .is_held = true})
          == before_applying::agrees_to_none);
}
