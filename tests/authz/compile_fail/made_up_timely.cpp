// SPDX-License-Identifier: Apache-2.0
// error: timely::timely.* is private within this context
#include <felhom/authz/pipeline.hpp>

using namespace felhom::authz;

auto make_timely(targeted&& op, felhom::instant now)
{
    return timely{std::move(op), now};
}
