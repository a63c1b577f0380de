// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace felhom::hub {

/// A generation that every reader of JSON can tell from its neighbours (RFC 8259 section 6): 2^53 - 1.
inline constexpr auto greatest_generation = (std::uint64_t{1} << 53U) - 1;

/// How far a generation may be above the one before: a wrong hub must leave room in which the true one overtakes it.
inline constexpr auto furthest_step = std::uint64_t{1'000'000};

/// The highest generation that may come after one; before the first there is no step.
[[nodiscard]] constexpr auto greatest_after(const std::optional<std::uint64_t>& applied) -> std::uint64_t
{
    return applied && *applied < greatest_generation - furthest_step ? *applied + furthest_step : greatest_generation;
}

} // namespace felhom::hub
