// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/hub/follow_up_pause.hpp>

#include <chrono>

using namespace felhom::hub;
using namespace std::chrono_literals;

TEST_CASE("what follows a report is asked for at once as long as the hub wishes nothing else")
{
    CHECK(follow_up_pause{}.is_over(0ms));
}

TEST_CASE("a hub that wishes to be left alone is, until the time it named")
{
    auto pause = follow_up_pause{};
    pause.wished(5s, 30s);
    CHECK_FALSE(pause.is_over(34'999ms));
    CHECK(pause.is_over(35s));
}

TEST_CASE("of two wishes the one that lasts longer holds")
{
    auto pause = follow_up_pause{};
    pause.wished(0s, 600s);
    pause.wished(1s, 10s);
    CHECK_FALSE(pause.is_over(599s));
    pause.wished(1s, 700s);
    CHECK_FALSE(pause.is_over(700s));
}

TEST_CASE("no wish silences the host for longer than its slowest interval")
{
    auto pause = follow_up_pause{};
    pause.wished(0s, std::chrono::seconds{2'147'483'648});
    CHECK_FALSE(pause.is_over(longest_poll - 1ms));
    CHECK(pause.is_over(longest_poll));
}
