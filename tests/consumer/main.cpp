// SPDX-License-Identifier: Apache-2.0
#include <felhom/core/vmid.hpp>

auto main() -> int
{
    return felhom::vmid::parse("101").has_value() ? 0 : 1;
}
