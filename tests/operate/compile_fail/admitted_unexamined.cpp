// SPDX-License-Identifier: Apache-2.0
// error: cannot convert .*std::variant<felhom::operate::guest_destroy
#include <felhom/operate/gate/gate.hpp>

using namespace felhom;

auto take(operate::examined&& op, operate::signed_operation what, operate::guest_facts facts)
{
    return operate::gate::admit(std::move(what), std::move(facts));
}
