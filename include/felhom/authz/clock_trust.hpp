// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/steady_instant.hpp>

#include <chrono>
#include <optional>

namespace felhom::authz {

/// What speaks for the wall clock at one moment.
struct clock_words {
    bool kernel = false;                                                  ///< it says that the clock is synchronised
    std::optional<std::chrono::milliseconds> hub_is_ahead = std::nullopt; ///< the hub's clock, of this one
    bool person = false;                                                  ///< somebody says that it is right

    friend auto operator==(const clock_words&, const clock_words&) -> bool = default;
};

/// Whether nonces may be forgotten by the wall clock. Once it was set forward by more than the skew they may not, until
/// something speaks for it: what expires by a wrong clock may still be used by the right one. A clock that is set back
/// forgets nothing by itself.
class clock_trust {
public:
    /// `suspected`: it was set forward in an earlier run, and nothing spoke for it since.
    explicit clock_trust(bool suspected) : suspected_{suspected} {}

    /// What both clocks show now, and what speaks for the first. Answers whether it is trusted.
    auto look(instant wall, steady_instant steady, std::chrono::milliseconds skew, const clock_words& words) -> bool
    {
        // The monotonic clock is steered as the other one is, so that only steps part the two.
        const auto since = known_.value_or(reading{.wall = wall, .steady = steady});
        suspected_ = suspected_ || wall - (since.wall + (steady - since.steady)) > skew;
        if (speak_for(words, skew)) {
            suspected_ = false;
            known_.reset();
        }
        known_ = known_.value_or(reading{.wall = wall, .steady = steady});
        return !suspected_;
    }

    [[nodiscard]] auto is_suspected() const -> bool { return suspected_; }

private:
    struct reading {
        instant wall;
        steady_instant steady;
    };

    [[nodiscard]] static auto speak_for(const clock_words& words, std::chrono::milliseconds skew) -> bool
    {
        return words.kernel || words.person || (words.hub_is_ahead && std::chrono::abs(*words.hub_is_ahead) <= skew);
    }

    bool suspected_;
    std::optional<reading> known_; ///< when it was last trusted, or first seen
};

} // namespace felhom::authz
