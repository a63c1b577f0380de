// SPDX-License-Identifier: Apache-2.0
// error: no matching function for call to 'felhom::operate::send::send
#include <felhom/operate/effect.hpp>

using namespace felhom;

auto take(proxmox::single_call&& allowed)
{
    return operate::send{std::move(allowed)};
}
