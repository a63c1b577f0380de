// SPDX-License-Identifier: Apache-2.0
#include "operate/simulated/wishes.hpp"
#include "support/catch.hpp"

#include <felhom/core/overloaded.hpp>
#include <felhom/operate/procedures/apply.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

using namespace felhom;
using namespace felhom::testing;

namespace {

/// An apply where somebody else changes a guest so many times just before its configuration is written. Answers for
/// each pass that was shown whether another was announced.
auto shown_where_overtaken(int times) -> std::vector<bool>
{
    auto node = sim::demo_world(start_of_simulation);
    node.faults.push_back({.method = "PUT",
                           .path = "*/lxc/102/config",
                           .what = sim::fault_kind::answers{500, "detected modified configuration - file changed by "
                                                                 "other user? Try again."},
                           .times = times});
    auto agent = simulated_agent{std::move(node)};
    const auto in = agent.start();
    auto announced = std::vector<bool>{};
    const auto perform = overloaded{agent::effect_interpreter{in}, [&](const operate::show_pass& shown) {
                                        announced.push_back(shown.is_repeated);
                                        return std::monostate{};
                                    }};
    const auto applied = agent::run(operate::apply(simulated_input(), simulated_rules()), perform);
    CHECK(applied.has_value());
    CHECK(agent.node().effects_of(102, "config") == (times < operate::most_passes ? 1 : 0));
    agent.stop();
    return announced;
}

} // namespace

TEST_CASE("a pass is repeated for what somebody else changed meanwhile, and no more than twice")
{
    CHECK(shown_where_overtaken(0) == std::vector{false});
    CHECK(shown_where_overtaken(1) == std::vector{true, false});
    CHECK(shown_where_overtaken(2) == std::vector{true, true, false});
    CHECK(shown_where_overtaken(9) == std::vector{true, true, false});
}
