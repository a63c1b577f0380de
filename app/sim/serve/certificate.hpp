// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace felhom::sim {

/// A certificate for 127.0.0.1 and localhost, signed by its own key, and made for one run.
struct own_certificate {
    std::string certificate_pem; ///< serves as its own CA file
    std::string key_pem;
    std::string fingerprint; ///< SHA-256 of the DER form, upper-case pairs joined by colons
};

/// Makes one: RSA 2048, as PVE's own are. Throws std::runtime_error if OpenSSL cannot.
[[nodiscard]] auto make_certificate() -> own_certificate;

} // namespace felhom::sim
