// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/sha256.hpp>

#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string_view>

namespace felhom::hash_chain {

/// Computes the links of a hash chain: SHA-256 over the previous link and the text that follows it. One context serves
/// all links, since OpenSSL 3 looks the algorithm up anew, and slowly, for each one-shot call.
class chain {
public:
    /// Nothing when OpenSSL refuses, which no caller may take for a match.
    [[nodiscard]] auto link(const sha256_digest& previous, std::string_view text) -> std::optional<sha256_digest>
    {
        auto value = sha256_digest{};
        auto* const context = context_.get();
        if (context == nullptr || algorithm_ == nullptr || EVP_DigestInit_ex2(context, algorithm_.get(), nullptr) != 1
            || EVP_DigestUpdate(context, previous.bytes.data(), sha256_digest::size) != 1
            || EVP_DigestUpdate(context, text.data(), text.size()) != 1
            || EVP_DigestFinal_ex(context, value.bytes.data(), nullptr) != 1) {
            return std::nullopt;
        }
        return value;
    }

private:
    struct free_context {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    struct free_algorithm {
        void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
    };

    std::unique_ptr<EVP_MD, free_algorithm> algorithm_{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    std::unique_ptr<EVP_MD_CTX, free_context> context_{EVP_MD_CTX_new()};
};

} // namespace felhom::hash_chain
