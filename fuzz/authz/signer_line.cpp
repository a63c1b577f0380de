// SPDX-License-Identifier: Apache-2.0
#include "fuzz.hpp"

#include <felhom/authz/signers/signer_line.hpp>

using namespace felhom;

// A line that is accepted holds a key that is read again from its blob.
extern "C" auto LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) -> int
{
    const auto line = authz::parse_signer_line(fuzz::text(data, size));
    if (line) {
        fuzz::require(authz::public_key::parse(line->key()).has_value());
    }
    return 0;
}
