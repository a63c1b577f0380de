// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace felhom {

/// A point in time on the monotonic clock, which nobody sets: it tells how long something took, and nothing to another
/// machine or after a restart of this one.
using steady_instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

} // namespace felhom
