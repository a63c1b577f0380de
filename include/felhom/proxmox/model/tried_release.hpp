// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/proxmox/model/version.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace felhom::proxmox {

/// The releases on which this version of the agent was tried: their own API servers answered what the tests hold it
/// against (tests/data/pve-captures, tests/data/pve-samples; README, Supported releases).
inline constexpr auto tried_releases = std::to_array<std::string_view>({"8.4", "9.2"});

/// How much is known of a release.
enum class release_standing : std::uint8_t {
    tried,
    untried,     ///< of a series that is supported, and not one of those that were tried
    unsupported, ///< of another series
};

[[nodiscard]] inline auto standing_of(const version& found) -> release_standing
{
    if (contains(tried_releases, std::string_view{found.release})) {
        return release_standing::tried;
    }
    const auto series = std::string_view{found.release}.substr(0, found.release.find('.'));
    return series == "8" || series == "9" ? release_standing::untried : release_standing::unsupported;
}

} // namespace felhom::proxmox
