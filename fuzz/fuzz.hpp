// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace felhom::fuzz {

/// Ends the process, as libFuzzer wants it, when a law does not hold.
inline void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

/// One input, as the parsers take it.
[[nodiscard]] inline auto text(const std::uint8_t* data, std::size_t size) -> std::string_view
{
    return {reinterpret_cast<const char*>(data), size}; // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
}

} // namespace felhom::fuzz

extern "C" auto LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) -> int;
