// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace felhom::bench {

/// How often memory was allocated so far.
struct allocation_counts {
    std::size_t ours = 0;    ///< by operator new
    std::size_t openssl = 0; ///< by OpenSSL itself
};

[[nodiscard]] auto allocations() -> allocation_counts;

/// Has OpenSSL's allocations counted. Fails once it has allocated anything.
[[nodiscard]] auto count_openssl() -> bool;

} // namespace felhom::bench
