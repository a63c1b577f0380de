// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/steady_instant.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace felhom::proxmox {

/// How many rounds of questions a node is asked over time: some at once, and then one each so often.
struct poll_allowance {
    std::uint32_t at_once = 8;
    std::chrono::milliseconds each{1000};

    friend auto operator==(const poll_allowance&, const poll_allowance&) -> bool = default;
};

/// Keeps account of the allowance (a token bucket), so that a row of short tasks costs no more than one long one.
class poll_budget {
public:
    explicit poll_budget(poll_allowance allowance) : allowance_{allowance} {}

    /// The first time from `wanted` on at which a round may begin.
    [[nodiscard]] auto earliest(steady_instant wanted) const -> steady_instant
    {
        return std::max(wanted, full_at_ - slack());
    }

    /// A round has begun.
    void spend(steady_instant now) { full_at_ = std::max(full_at_, now) + allowance_.each; }

private:
    /// How far ahead of the steady pace a row of rounds may be.
    [[nodiscard]] auto slack() const -> std::chrono::milliseconds
    {
        return allowance_.each * (std::max(allowance_.at_once, 1U) - 1U);
    }

    poll_allowance allowance_;
    steady_instant full_at_{}; ///< when nothing of it will be spent any more
};

} // namespace felhom::proxmox
