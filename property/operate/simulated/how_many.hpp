// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>

namespace felhom::testing {

[[nodiscard]] inline auto number_from(const char* variable, std::uint32_t otherwise) -> std::uint32_t
{
    const auto* const text = std::getenv(variable);
    return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

/// How many percent of the usual worlds are run: as the build says, or so many under ./dev soak.
[[nodiscard]] inline auto percent_of_worlds(std::uint32_t soaking) -> std::uint32_t
{
    const auto is_soaking = std::getenv("FELHOM_SOAK") != nullptr;
    return number_from("FELHOM_CRASH_PERCENT", is_soaking ? soaking : FELHOM_CRASH_PERCENT);
}

} // namespace felhom::testing
