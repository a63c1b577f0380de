// SPDX-License-Identifier: Apache-2.0
#include "fuzz.hpp"

#include <felhom/authz/operation/canonicalize.hpp>

using namespace felhom;

// Canonical text is its own canonical text.
extern "C" auto LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) -> int
{
    const auto text = authz::canonicalize(fuzz::text(data, size), {});
    if (text) {
        fuzz::require(authz::canonicalize(*text, {}) == text);
    }
    return 0;
}
