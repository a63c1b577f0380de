// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// smartctl's exit code is a set of bits (smartctl(8), EXIT STATUS).
namespace felhom::host_tools {

/// The bits that mean that no disk was asked; the others are about the disk, so that a failing one is a report.
inline constexpr auto smart_not_asked = 0b11U;
inline constexpr auto smart_failing = 0b1000U;

/// What each bit says, the lowest first.
inline constexpr auto smart_exit_words = std::array<std::string_view, 8>{
    "smartctl does not know the type of the device, or not its own command line",
    "the device could not be opened, or is in a low-power mode",
    "a command to the disk failed, or a checksum in its data is wrong",
    "the disk says that it is failing",
    "an attribute that foretells failure is at its threshold or below",
    "an attribute has been at its threshold or below",
    "the disk's error log has errors",
    "the disk's self-test log has errors",
};

/// What the bits of a set say.
[[nodiscard]] inline auto words_of_smart_exit(unsigned bits) -> std::vector<std::string>
{
    auto said = std::vector<std::string>{};
    for (auto bit = std::size_t{0}; bit < smart_exit_words.size(); ++bit) {
        if ((bits >> bit & 1U) != 0) {
            said.emplace_back(smart_exit_words.at(bit));
        }
    }
    return said;
}

} // namespace felhom::host_tools
