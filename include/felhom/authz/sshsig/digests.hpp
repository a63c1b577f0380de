// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/sshsig/envelope.hpp>
#include <felhom/authz/sshsig/octets.hpp>

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace felhom::authz {

/// The digests of SSH signatures, fetched from OpenSSL's provider once and kept: a fetch costs more than a small
/// digest.
class digests {
public:
    /// Never fails by itself: a digest that the provider lacks is null, and every use of it is refused.
    [[nodiscard]] static auto fetch() -> digests
    {
        const auto one = [](const char* algorithm) {
            return std::shared_ptr<EVP_MD>{EVP_MD_fetch(nullptr, algorithm, nullptr), &EVP_MD_free};
        };
        return digests{one("SHA256"), one("SHA384"), one("SHA512")};
    }

    [[nodiscard]] auto sha256() const -> const EVP_MD* { return sha256_.get(); }
    [[nodiscard]] auto sha384() const -> const EVP_MD* { return sha384_.get(); }
    [[nodiscard]] auto sha512() const -> const EVP_MD* { return sha512_.get(); }

    [[nodiscard]] auto of(message_hash hash) const -> const EVP_MD*
    {
        return hash == message_hash::sha256 ? sha256() : sha512();
    }

private:
    digests(std::shared_ptr<EVP_MD> sha256, std::shared_ptr<EVP_MD> sha384, std::shared_ptr<EVP_MD> sha512)
        : sha256_{std::move(sha256)}, sha384_{std::move(sha384)}, sha512_{std::move(sha512)}
    {
    }

    std::shared_ptr<EVP_MD> sha256_;
    std::shared_ptr<EVP_MD> sha384_;
    std::shared_ptr<EVP_MD> sha512_;
};

/// A digest's value, held in place.
class digest_value {
public:
    /// The digest of some bytes; empty if OpenSSL fails, which no caller may take for a digest.
    [[nodiscard]] static auto of(const EVP_MD* algorithm, std::string_view bytes) -> digest_value
    {
        auto made = digest_value{};
        auto size = 0U;
        if (algorithm != nullptr
            && EVP_Digest(bytes.data(), bytes.size(), writable_octets(made.bytes_).data(), &size, algorithm, nullptr)
                   == 1) {
            made.size_ = size;
        }
        return made;
    }

    [[nodiscard]] auto bytes() const -> std::string_view { return {bytes_.data(), size_}; }
    [[nodiscard]] auto empty() const -> bool { return size_ == 0; }

private:
    digest_value() = default;

    std::array<char, EVP_MAX_MD_SIZE> bytes_{};
    std::size_t size_ = 0;
};

} // namespace felhom::authz
