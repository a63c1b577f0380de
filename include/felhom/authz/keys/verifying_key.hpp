// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/keys/import_key.hpp>
#include <felhom/authz/keys/public_key.hpp>
#include <felhom/authz/sshsig/digests.hpp>
#include <felhom/core/overloaded.hpp>

#include <openssl/err.h>
#include <tl/expected.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace felhom::authz {

/// The arithmetic under a key's signatures.
enum class scheme { ed25519, rsa, ecdsa_p256, ecdsa_p384, ecdsa_p521 };

/// A configured key, imported and examined once, ready to verify with.
class verifying_key {
public:
    [[nodiscard]] static auto import(const public_key& key, const digests& hashes)
        -> tl::expected<verifying_key, bad_field>;

    [[nodiscard]] auto type() const -> const std::string& { return type_; }
    [[nodiscard]] auto scheme() const -> authz::scheme { return scheme_; }
    [[nodiscard]] auto hashes() const -> const digests& { return hashes_; }

    /// The digest of the application that a token signs for; nothing for a key that lives in no token.
    [[nodiscard]] auto application() const -> const std::optional<digest_value>& { return application_; }

    /// OpenSSL's object. It counts its references itself and verifying does not change it.
    [[nodiscard]] auto handle() const -> EVP_PKEY* { return key_.get(); }

private:
    verifying_key(std::string type, authz::scheme scheme, digests hashes, std::optional<digest_value> application,
                  std::shared_ptr<EVP_PKEY> key)
        : type_{std::move(type)}, scheme_{scheme}, hashes_{std::move(hashes)}, application_{application},
          key_{std::move(key)}
    {
    }

    std::string type_;
    authz::scheme scheme_;
    digests hashes_;
    std::optional<digest_value> application_;
    std::shared_ptr<EVP_PKEY> key_;
};

namespace detail {

[[nodiscard]] inline auto scheme_of(const key_material& material) -> scheme
{
    return std::visit(overloaded{
                          [](const ed25519_key&) { return scheme::ed25519; },
                          [](const sk_ed25519_key&) { return scheme::ed25519; },
                          [](const rsa_key&) { return scheme::rsa; },
                          [](const sk_ecdsa_key&) { return scheme::ecdsa_p256; },
                          [](const ecdsa_key& k) {
                              switch (k.on) {
                              case curve::p256:
                                  return scheme::ecdsa_p256;
                              case curve::p384:
                                  return scheme::ecdsa_p384;
                              case curve::p521:
                                  break;
                              }
                              return scheme::ecdsa_p521;
                          },
                      },
                      material);
}

[[nodiscard]] inline auto application_of(const key_material& material) -> std::optional<std::string_view>
{
    using application = std::optional<std::string_view>;
    return std::visit(overloaded{
                          [](const sk_ed25519_key& k) { return application{k.application}; },
                          [](const sk_ecdsa_key& k) { return application{k.application}; },
                          [](const ed25519_key&) { return application{}; },
                          [](const rsa_key&) { return application{}; },
                          [](const ecdsa_key&) { return application{}; },
                      },
                      material);
}

/// OpenSSL's examination of a public key. For RSA it takes as long as hundreds of verifications; of an Ed25519 point it
/// sees nothing.
[[nodiscard]] inline auto passes_public_check(EVP_PKEY* key) -> bool
{
    const auto context = key_context_handle{EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr)};
    const auto passed = context && EVP_PKEY_public_check(context.get()) == 1;
    ERR_clear_error();
    return passed;
}

} // namespace detail

inline auto verifying_key::import(const public_key& key, const digests& hashes)
    -> tl::expected<verifying_key, bad_field>
{
    const auto refused = [&](const char* got) {
        return tl::unexpected(bad_field{"public key", 0, "a key that OpenSSL accepts", got});
    };
    auto handle = import_key(key.material());
    if (!handle) {
        return refused("numbers that are no such key");
    }
    if (!detail::passes_public_check(handle.get())) {
        return refused("a key that fails its check");
    }
    if (!is_decodable(key.material())) {
        return refused("a number that is no point of the curve");
    }
    auto application = std::optional<digest_value>{};
    if (const auto text = detail::application_of(key.material())) {
        application = digest_value::of(hashes.sha256(), *text);
        if (application->empty()) {
            return refused("no SHA-256");
        }
    }
    return verifying_key{std::string{key.type()}, detail::scheme_of(key.material()), hashes, application,
                         std::shared_ptr<EVP_PKEY>{handle.release(), &EVP_PKEY_free}};
}

} // namespace felhom::authz
