// SPDX-License-Identifier: Apache-2.0
#include "fuzz.hpp"

#include <felhom/authz/sshsig/armor.hpp>
#include <felhom/authz/sshsig/envelope.hpp>

#include <string>

using namespace felhom;

// Whatever armor is accepted, its bytes in one line are accepted and are the same.
extern "C" auto LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) -> int
{
    const auto bytes = authz::decode_armor(fuzz::text(data, size));
    if (bytes) {
        const auto view = std::string_view{bytes->data(), bytes->size()};
        const auto again = authz::decode_armor("-----BEGIN SSH SIGNATURE-----\n" + authz::encode_base64(view)
                                               + "\n-----END SSH SIGNATURE-----");
        fuzz::require(again == bytes);
        static_cast<void>(authz::parse_envelope(view));
    } else {
        fuzz::require(bytes.error().offset <= size);
    }
    static_cast<void>(authz::parse_envelope(fuzz::text(data, size)));
    return 0;
}
