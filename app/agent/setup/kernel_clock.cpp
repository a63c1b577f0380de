// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/kernel_clock.hpp"

#include <felhom/hub/report/host_report.hpp>

#include <sys/timex.h>

#include <cerrno>
#include <cstring>

namespace felhom::agent {

auto is_kernel_clock_synchronized() -> tl::expected<bool, hub::source_error>
{
    auto clock = ::timex{};
    const auto returned = ::adjtimex(&clock);
    if (returned < 0) {
        return tl::unexpected(hub::source_error{hub::source_error::kind::failed, std::strerror(errno)});
    }
    return hub::is_synchronized(returned, clock.status);
}

} // namespace felhom::agent
