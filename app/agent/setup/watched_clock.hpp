// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/clock_trust.hpp>

#include <chrono>
#include <string>

namespace felhom::agent {

/// Whether the wall clock is trusted, over restarts too: a clock that was set forward leaves a file. Whoever knows that
/// it is right removes the file.
class watched_clock {
public:
    explicit watched_clock(std::string mark);

    /// What both clocks show now, and what speaks for the first. Answers whether it is trusted.
    [[nodiscard]] auto look(instant wall, steady_instant steady, std::chrono::milliseconds skew,
                            authz::clock_words words) -> bool;

private:
    [[nodiscard]] auto is_marked() const -> bool;

    std::string mark_;
    authz::clock_trust trust_;
    bool was_marked_; ///< when it was looked at last
};

} // namespace felhom::agent
