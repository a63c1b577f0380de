// SPDX-License-Identifier: Apache-2.0
// error: cannot bind rvalue reference of type 'felhom::operate::authorization&&'
#include <felhom/operate/gate/gate.hpp>

using namespace felhom;

auto take(operate::authorization& op, const operate::fresh_look& seen, const operate::gate_policy& policy,
          const node_name& node)
{
    return operate::gate::clear(op, seen, policy, node);
}
