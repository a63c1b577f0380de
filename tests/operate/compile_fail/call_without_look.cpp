// SPDX-License-Identifier: Apache-2.0
// error: felhom::operate::fresh_look::fresh_look.* is private within this context
#include <felhom/operate/gate/gate.hpp>

using namespace felhom;

auto take(operate::authorization op, operate::guest_facts facts, operate::host_switches around,
          const operate::gate_policy& policy, const node_name& node)
{
    const auto seen = operate::fresh_look{steady_instant{}, std::move(facts), steady_instant{}, std::move(around)};
    return operate::gate::clear(std::move(op), seen, policy, node);
}
