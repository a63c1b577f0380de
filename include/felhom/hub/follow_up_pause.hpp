// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/hub/envelope.hpp>
#include <felhom/hub/report_loop.hpp>

#include <algorithm>
#include <chrono>

namespace felhom::hub {

/// How long the calls that follow a report are left out, since the hub answered one of them with Retry-After.
class follow_up_pause {
public:
    [[nodiscard]] auto is_over(uptime now) const -> bool { return now >= until_; }

    /// The wish holds for all these calls. A later one lengthens the pause and never shortens it, and none silences the
    /// host for longer than its slowest interval.
    void wished(uptime now, std::chrono::milliseconds wish)
    {
        until_ = std::max(until_, now + std::min(wish, std::chrono::milliseconds{longest_poll}));
    }

private:
    uptime until_ = uptime::min();
};

} // namespace felhom::hub
