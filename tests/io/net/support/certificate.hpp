// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/net/fingerprint.hpp>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace felhom::testing {

/// A certificate and its key, made for one test.
class certificate {
public:
    struct contents {
        std::string host = "localhost";
        bool expired = false;
        bool authority = false;
    };

    /// Signed by the issuer, or by itself.
    static auto make(const contents& what, const certificate* issuer = nullptr) -> certificate;
    static auto make() -> certificate { return make(contents{}); }

    [[nodiscard]] auto fingerprint() const -> net::fingerprint;
    [[nodiscard]] auto pem() const -> std::string;
    [[nodiscard]] auto x509() const -> X509* { return x509_.get(); }
    [[nodiscard]] auto key() const -> EVP_PKEY* { return key_.get(); }

private:
    certificate(std::shared_ptr<EVP_PKEY> key, std::shared_ptr<X509> x509)
        : key_{std::move(key)}, x509_{std::move(x509)}
    {
    }

    std::shared_ptr<EVP_PKEY> key_;
    std::shared_ptr<X509> x509_;
};

} // namespace felhom::testing
