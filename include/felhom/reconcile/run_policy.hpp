#pragma once

#include <felhom/proxmox/mutate.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace felhom::reconcile {

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

/// How patiently an action is carried out.
struct run_policy {
    proxmox::timeout_seconds shutdown_timeout{60};
    std::uint32_t most_calls = 4; ///< of a call that found the guest's lock taken
    backoff_policy busy_pause{.first = std::chrono::seconds{1}, .longest = std::chrono::seconds{10}};
    std::uint32_t most_reads = 5; ///< of a state that does not show the effect yet
    backoff_policy read_back_pause{.first = std::chrono::milliseconds{250}, .longest = std::chrono::seconds{8}};
    std::chrono::milliseconds task_deadline = std::chrono::minutes{10};
    /// A task of HA only asks for the change (pve-api.md 6.4): how long HA may take besides the guest's own time.
    std::chrono::milliseconds ha_settles_within = std::chrono::seconds{60};
    std::uint32_t most_guests_at_once = 4;
};

} // namespace felhom::reconcile
