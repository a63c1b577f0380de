// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/authz/clock_trust.hpp>

using namespace felhom;
using namespace felhom::authz;
using namespace std::chrono_literals;

namespace {

constexpr auto tolerated = 30s;

/// A machine with both clocks, of which one can be set.
class machine {
public:
    auto pass(std::chrono::milliseconds time) -> machine&
    {
        wall_ += time;
        steady_ += time;
        return *this;
    }
    auto step(std::chrono::milliseconds by) -> machine&
    {
        wall_ += by;
        return *this;
    }
    [[nodiscard]] auto is_trusted(const clock_words& words = {}) -> bool
    {
        return trust_.look(wall_, steady_, tolerated, words);
    }

private:
    instant wall_{std::chrono::hours{500'000}};
    steady_instant steady_{1h};
    clock_trust trust_{false};
};

} // namespace

TEST_CASE("a clock that nobody set is trusted, however much time passes")
{
    auto here = machine{};
    CHECK(here.is_trusted());
    CHECK(here.pass(24h * 365).is_trusted());
}

TEST_CASE("after a step forward beyond the skew the clock is not trusted, however much time passes")
{
    auto here = machine{};
    CHECK(here.is_trusted());
    CHECK(here.pass(1min).step(tolerated).is_trusted());
    CHECK_FALSE(here.step(1ms).is_trusted());
    CHECK_FALSE(here.pass(24h).is_trusted());
}

TEST_CASE("steps within the skew add up")
{
    auto here = machine{};
    CHECK(here.is_trusted());
    CHECK(here.step(20s).is_trusted());
    CHECK_FALSE(here.step(20s).is_trusted());
}

TEST_CASE("a step back loses no trust, and its way forward again is no step forward")
{
    auto here = machine{};
    CHECK(here.is_trusted());
    CHECK(here.step(-24h).is_trusted());
    CHECK(here.step(24h).is_trusted());
}

TEST_CASE("the kernel, a hub whose clock agrees, and a person each speak for a clock, and from then on it is trusted")
{
    for (const auto& words : {clock_words{.kernel = true}, clock_words{.hub_is_ahead = -30s},
                              clock_words{.hub_is_ahead = 30s}, clock_words{.person = true}}) {
        auto here = machine{};
        CHECK(here.is_trusted());
        CHECK_FALSE(here.step(1h).is_trusted());
        CHECK(here.is_trusted(words));
        CHECK(here.pass(1min).is_trusted());
        CHECK_FALSE(here.step(1h).is_trusted());
    }
}

TEST_CASE("a hub whose clock does not agree does not speak for this one")
{
    auto here = machine{};
    CHECK(here.is_trusted());
    CHECK_FALSE(here.step(1h).is_trusted({.hub_is_ahead = -1h}));
}

TEST_CASE("what an earlier run suspected is suspected until something speaks for the clock")
{
    auto trust = clock_trust{true};
    CHECK_FALSE(trust.look(instant{1h}, steady_instant{1h}, tolerated, {}));
    CHECK(trust.look(instant{1h}, steady_instant{1h}, tolerated, {.kernel = true}));
}
