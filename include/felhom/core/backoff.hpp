// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace felhom {

/// A pause that doubles with each attempt.
struct backoff_policy {
    std::chrono::milliseconds first;
    std::chrono::milliseconds longest;
};

/// The pause after so many attempts: between half of its length and all of it, by `jitter` in 0..1, so that those who
/// were refused together do not come back together.
[[nodiscard]] inline auto backoff(const backoff_policy& policy, std::uint32_t attempts, double jitter)
    -> std::chrono::milliseconds
{
    static constexpr auto most_doublings = 16U;
    const auto doublings = std::min(std::max(attempts, 1U) - 1U, most_doublings);
    const auto whole = std::min(policy.first * (1U << doublings), policy.longest);
    const auto share = (1.0 + std::clamp(jitter, 0.0, 1.0)) / 2.0;
    return std::chrono::milliseconds{static_cast<std::int64_t>(static_cast<double>(whole.count()) * share)};
}

} // namespace felhom
