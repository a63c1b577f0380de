// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace felhom::hash_chain {

/// The version of the file format that this code reads and writes.
inline constexpr std::uint64_t format_version = 1;

inline constexpr std::size_t longest_header = 512;
inline constexpr std::size_t longest_payload = std::size_t{64} << 10U;
/// What a frame adds to its payload, with every number at its longest.
inline constexpr std::size_t longest_frame = 256;
inline constexpr std::size_t longest_line = longest_payload + longest_frame;
/// One batch is one write. Recovery relies on the bound: what a crash tore is never longer than this.
inline constexpr std::size_t longest_batch = std::size_t{512} << 10U;

} // namespace felhom::hash_chain
