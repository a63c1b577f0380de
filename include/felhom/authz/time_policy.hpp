// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>

#include <algorithm>
#include <chrono>

namespace felhom::authz {

/// What is tolerated of an operation's times.
struct time_policy {
    static constexpr auto greatest_skew = std::chrono::milliseconds{std::chrono::hours{24}};

    std::chrono::milliseconds skew = std::chrono::seconds{30};         ///< between the signer's clock and ours
    std::chrono::milliseconds longest_window = std::chrono::hours{24}; ///< bounds how long nonces are remembered

    /// The skew that counts, whatever is configured.
    [[nodiscard]] auto tolerated() const -> std::chrono::milliseconds
    {
        return std::clamp(skew, std::chrono::milliseconds{0}, greatest_skew);
    }

    friend auto operator==(const time_policy&, const time_policy&) -> bool = default;
};

/// The latest expiry of any operation that has been timely until now: it began by now, give or take the skew, and its
/// window was no longer than allowed.
[[nodiscard]] inline auto latest_expiry(instant now, const time_policy& policy) -> instant
{
    return now + policy.tolerated() + policy.longest_window;
}

} // namespace felhom::authz
