// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/clock_watch.hpp>

#include <chrono>

using namespace felhom;
using namespace std::chrono_literals;

namespace {

const auto noon = *parse_instant("2026-06-01T12:00:00Z");
constexpr auto boot = steady_instant{100s};

/// A watch that has seen both clocks once.
auto watching() -> clock_watch
{
    auto watch = clock_watch{};
    CHECK_FALSE(watch.look(noon, boot, 30s).has_value());
    return watch;
}

} // namespace

TEST_CASE("clocks that go on side by side show no step, nor does one that a time server steers")
{
    auto watch = watching();
    CHECK_FALSE(watch.look(noon + 5s, boot + 5s, 30s).has_value());
    CHECK_FALSE(watch.look(noon + 1h, boot + 1h - 30s, 30s).has_value());
}

TEST_CASE("a step beyond what is tolerated is seen once, forward and back")
{
    for (const auto step : {30001ms, -30001ms, std::chrono::milliseconds{400 * 24h}}) {
        auto watch = watching();
        const auto seen = watch.look(noon + 5s + step, boot + 5s, 30s);
        CHECK(seen == clock_step{.from = noon + 5s, .to = noon + 5s + step});
        CHECK(seen->by() == step);
        CHECK_FALSE(watch.look(noon + 10s + step, boot + 10s, 30s).has_value());
    }
}
