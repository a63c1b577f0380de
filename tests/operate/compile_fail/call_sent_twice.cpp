// SPDX-License-Identifier: Apache-2.0
// error: use of deleted function 'felhom::operate::send_once::send_once\(const
#include <felhom/operate/gate/gate.hpp>
#include <felhom/operate/procedure.hpp>

using namespace felhom;

auto take(operate::cleared& next) -> operate::procedure<bool>
{
    const auto first = co_await std::move(next.call);
    const auto second = co_await next.call;
    co_return first.has_value() && second.has_value();
}
