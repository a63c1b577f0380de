// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/steady_instant.hpp>

#include <chrono>
#include <optional>

namespace felhom {

/// Somebody set the wall clock: it would have shown one time, and showed another.
struct clock_step {
    instant from;
    instant to;

    /// Forward, or back where it is negative.
    [[nodiscard]] auto by() const -> std::chrono::milliseconds { return to - from; }

    friend auto operator==(const clock_step&, const clock_step&) -> bool = default;
};

/// Finds steps of the wall clock, by looking at it beside the clock that nobody can set. A machine that slept looks as
/// if its clock had been set forward: the other clock sleeps with it.
class clock_watch {
public:
    /// What both clocks show now. Answers the step since the last look, if there was one of more than `tolerated`: what
    /// is less is how a time server steers a clock.
    [[nodiscard]] auto look(instant wall, steady_instant steady, std::chrono::milliseconds tolerated)
        -> std::optional<clock_step>
    {
        const auto before = last_.value_or(reading{.wall = wall, .steady = steady});
        last_ = reading{.wall = wall, .steady = steady};
        const auto seen = clock_step{.from = before.wall + (steady - before.steady), .to = wall};
        return std::chrono::abs(seen.by()) > tolerated ? std::optional{seen} : std::nullopt;
    }

private:
    struct reading {
        instant wall;
        steady_instant steady;
    };

    std::optional<reading> last_;
};

} // namespace felhom
