// SPDX-License-Identifier: Apache-2.0
#include "hub/talk_world.hpp"
#include "support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

using namespace felhom;
using namespace felhom::testing;

namespace {

using spoiling = std::function<void(talk_world&)>;

void spoil_nothing(talk_world& /*world*/) {}

/// Which law is broken in a world in which the agent dies at one point; empty: none.
auto law_broken_by(std::uint32_t seed, std::optional<std::size_t> point, const spoiling& spoil = spoil_nothing)
    -> std::string
{
    auto world = talk_world{seed};
    spoil(world);
    if (point) {
        world.die_at(*point);
    }
    world.run();
    return world.broken();
}

auto points_of(std::uint32_t seed) -> std::size_t
{
    auto world = talk_world{seed};
    world.run();
    CHECK(world.broken() == "");
    return world.points();
}

/// What is caught of a fault of the agent's, wherever it dies.
auto caught_of(const spoiling& spoil) -> std::string
{
    for (auto seed = 0U; seed < 8; ++seed) {
        const auto points = points_of(seed);
        for (auto point = std::size_t{0}; point < points; ++point) {
            if (auto broken = law_broken_by(seed, point, spoil); !broken.empty()) {
                return broken;
            }
        }
    }
    return {};
}

} // namespace

TEST_CASE("whatever effect of talking to the hub is the last, no generation goes back and nothing is lost")
{
    auto points = std::size_t{0};
    for (auto seed = 0U; seed < 24; ++seed) {
        const auto here = points_of(seed);
        for (auto point = std::size_t{0}; point < here; ++point) {
            if (const auto broken = law_broken_by(seed, point); !broken.empty()) {
                FAIL_CHECK(broken << ": seed " << seed << ", point " << point);
            }
        }
        points += here;
    }
    CHECK(points > 2400);
}

TEST_CASE("a desired state that is kept before its generation is found")
{
    const auto caught = caught_of([](talk_world& world) {
        const auto late = std::make_shared<std::optional<hub::keep_mark>>();
        world.keeps_mark = [late](talk_world& /*in*/, const hub::keep_mark& wanted) {
            *late = wanted;
            return true;
        };
        world.keeps_desired = [late](talk_world& in, const hub::keep_desired& wanted) {
            in.keep(wanted);
            in.demand(late->has_value(), "no mark");
            return true;
        };
    });
    CHECK(caught == "a desired state is in force whose generation is not kept");
}

TEST_CASE("a signed operation that is called taken and is not in the drop box is found")
{
    const auto caught = caught_of([](talk_world& world) {
        world.puts = [](talk_world& /*in*/, const hub::put_bundle& /*wanted*/) { return true; };
    });
    CHECK(caught == "a signed operation has no result at the hub");
}
