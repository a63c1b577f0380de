// SPDX-License-Identifier: Apache-2.0
#include "fuzz.hpp"

#include <felhom/authz/keys/import_key.hpp>
#include <felhom/authz/keys/public_key.hpp>

using namespace felhom;

// A key that is read is as long as its blob, and OpenSSL can be asked for it.
extern "C" auto LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) -> int
{
    const auto key = authz::public_key::parse(fuzz::text(data, size));
    if (key) {
        fuzz::require(key->blob().size() == size);
        static_cast<void>(authz::is_on_its_curve(key->material()));
    } else {
        fuzz::require(key.error().offset <= size);
    }
    return 0;
}
