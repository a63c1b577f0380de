// SPDX-License-Identifier: Apache-2.0
// error: felhom::operate::did_nothing::did_nothing.* is private within this context
#include <felhom/operate/gate/gate.hpp>

using namespace felhom;

auto take(operate::sent_authorization sent)
{
    return operate::gate::again(std::move(sent), operate::did_nothing{});
}
