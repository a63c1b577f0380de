// SPDX-License-Identifier: Apache-2.0
// error: no matching function for call to .*await_transform
#include <felhom/core/procedure.hpp>

struct read_clock {
    using answer = int;
};
struct send_call {
    using answer = int;
};

auto send_one() -> felhom::procedure<std::variant<read_clock, send_call>, int>
{
    co_return co_await send_call{};
}

/// What may only read the clock.
auto tell_time() -> felhom::procedure<std::variant<read_clock>, int>
{
    co_return co_await send_one();
}
