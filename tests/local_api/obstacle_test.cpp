// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/local_api/obstacle.hpp>

#include <chrono>

using namespace felhom;
using local_api::moment;
using local_api::obstacle;
using local_api::without_journal;

TEST_CASE("only what a person must mend is called the configuration, from which a unit does not restart")
{
    CHECK(local_api::exit_code_of(obstacle::to_mend) == exit_code::configuration);
    CHECK(local_api::exit_code_of(obstacle::passes) == exit_code::error);
    CHECK(local_api::exit_code_of(obstacle::held) == exit_code::busy);
}

TEST_CASE("what passes is waited for, at the start and later, with a hub and without")
{
    for (const auto when : {moment::start, moment::at_work}) {
        for (const auto has_hub : {false, true}) {
            CHECK(local_api::next_step(obstacle::passes, when, has_hub) == without_journal::tries_again);
        }
    }
}

TEST_CASE("a second daemon ends, and one that was at work waits until another command has let the journal go")
{
    for (const auto has_hub : {false, true}) {
        CHECK(local_api::next_step(obstacle::held, moment::start, has_hub) == without_journal::ends);
        CHECK(local_api::next_step(obstacle::held, moment::at_work, has_hub) == without_journal::tries_again);
    }
}

TEST_CASE("what a person must mend ends the daemon, unless there is a hub to hear of it")
{
    for (const auto when : {moment::start, moment::at_work}) {
        CHECK(local_api::next_step(obstacle::to_mend, when, false) == without_journal::ends);
        CHECK(local_api::next_step(obstacle::to_mend, when, true) == without_journal::only_reports);
    }
}

TEST_CASE("a journal that fails again soon is opened less and less often, and at least every 80 s")
{
    using namespace std::chrono_literals;
    CHECK(local_api::pause_before_try(0) == 5s);
    CHECK(local_api::pause_before_try(1) == 10s);
    CHECK(local_api::pause_before_try(4) == 80s);
    CHECK(local_api::pause_before_try(1000) == 80s);
    CHECK(local_api::failed_soon(1s));
    CHECK_FALSE(local_api::failed_soon(2min));
}

TEST_CASE("files that a person must mend keep a daemon from its start, and only then, but not what the hub sends anew")
{
    CHECK(local_api::keeps_from_start(obstacle::to_mend, moment::start, false));
    CHECK_FALSE(local_api::keeps_from_start(obstacle::to_mend, moment::start, true));
    CHECK_FALSE(local_api::keeps_from_start(obstacle::to_mend, moment::at_work, false));
    CHECK_FALSE(local_api::keeps_from_start(obstacle::passes, moment::start, false));
}

TEST_CASE("a new configuration is not taken where it does not work, or takes from the host that it can be changed")
{
    CHECK(local_api::is_taken(/*works=*/true, /*could_change=*/true, /*can_change=*/true));
    CHECK(local_api::is_taken(/*works=*/true, /*could_change=*/false, /*can_change=*/false));
    CHECK_FALSE(local_api::is_taken(/*works=*/true, /*could_change=*/true, /*can_change=*/false));
    CHECK_FALSE(local_api::is_taken(/*works=*/false, /*could_change=*/false, /*can_change=*/false));
}
