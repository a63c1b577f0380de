// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/hub/first_answer.hpp>

#include <chrono>

using namespace felhom;
using namespace std::chrono_literals;

TEST_CASE("the hub's first answer is awaited until it has come, but not for longer than it may take")
{
    const auto begun = steady_instant{5min};
    const auto awaited = hub::first_answer{begun, 30s};
    CHECK(awaited.is_awaited(/*has_heard_hub=*/false, begun));
    CHECK(awaited.is_awaited(/*has_heard_hub=*/false, begun + 29s));
    CHECK_FALSE(awaited.is_awaited(/*has_heard_hub=*/true, begun + 1s));
    CHECK_FALSE(awaited.is_awaited(/*has_heard_hub=*/false, begun + 30s));
}

TEST_CASE("without a hub nothing is awaited")
{
    CHECK_FALSE(hub::first_answer(steady_instant{5min}, 0s).is_awaited(/*has_heard_hub=*/false, steady_instant{5min}));
}
