// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <variant>

namespace felhom::proxmox {

/// The pause grows with the time that has gone by: what took long already may be asked about less often, and the answer
/// is never late by more than that share. By default less than one request a second and half a second late at most, on
/// average over tasks of 0.3 to 60 s (bench/task_wait_bench.cpp). A fifth between 0.1 s and 1 s is a sixth of a second
/// better and costs twice the requests.
struct proportional_interval {
    std::uint32_t divisor = 5;
    std::chrono::milliseconds least{650};
    std::chrono::milliseconds greatest{1400};

    friend auto operator==(const proportional_interval&, const proportional_interval&) -> bool = default;
};

/// The pause doubles with each round.
struct exponential_interval {
    std::chrono::milliseconds least{1000};
    std::chrono::milliseconds greatest{5000};

    friend auto operator==(const exponential_interval&, const exponential_interval&) -> bool = default;
};

using poll_interval = std::variant<proportional_interval, exponential_interval>;

/// The pause before the next round, after so much time and so many rounds.
[[nodiscard]] inline auto pause_after(const poll_interval& policy, std::chrono::milliseconds elapsed,
                                      std::uint32_t rounds) -> std::chrono::milliseconds
{
    return std::visit(overloaded{
                          [&](const proportional_interval& p) {
                              return std::clamp(elapsed / std::max(p.divisor, 1U), p.least,
                                                std::max(p.least, p.greatest));
                          },
                          [&](const exponential_interval& p) {
                              static constexpr auto most_doublings = 20U;
                              return std::clamp(p.least * (1U << std::min(rounds, most_doublings)), p.least,
                                                std::max(p.least, p.greatest));
                          },
                      },
                      policy);
}

} // namespace felhom::proxmox
