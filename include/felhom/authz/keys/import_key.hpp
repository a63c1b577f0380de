// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/keys/openssl_handle.hpp>
#include <felhom/authz/keys/public_key.hpp>
#include <felhom/authz/sshsig/octets.hpp>
#include <felhom/core/overloaded.hpp>

#include <openssl/core_names.h>
#include <openssl/err.h>

#include <string_view>
#include <variant>

namespace felhom::authz {

namespace detail {

[[nodiscard]] inline auto import_ed25519(std::string_view point) -> key_handle
{
    const auto bytes = octets(point);
    return key_handle{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes.data(), bytes.size())};
}

[[nodiscard]] inline auto import_from(const char* algorithm, OSSL_PARAM_BLD* builder) -> key_handle
{
    const auto params = params_handle{OSSL_PARAM_BLD_to_param(builder)};
    const auto context = key_context_handle{EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr)};
    EVP_PKEY* made = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1
        || EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
        return nullptr;
    }
    return key_handle{made};
}

[[nodiscard]] inline auto bignum(std::string_view magnitude) -> bignum_handle
{
    const auto bytes = octets(magnitude);
    return bignum_handle{BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr)};
}

[[nodiscard]] inline auto import_rsa(const rsa_key& key) -> key_handle
{
    const auto builder = params_builder_handle{OSSL_PARAM_BLD_new()};
    const auto n = bignum(key.n);
    const auto e = bignum(key.e);
    if (!builder || !n || !e || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1
        || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
        return nullptr;
    }
    return import_from("RSA", builder.get());
}

[[nodiscard]] inline auto group_name(curve on) -> const char*
{
    switch (on) {
    case curve::p256:
        return "P-256";
    case curve::p384:
        return "P-384";
    case curve::p521:
        break;
    }
    return "P-521";
}

/// OpenSSL refuses here a point that is not on the curve or has a coordinate not below p.
[[nodiscard]] inline auto import_ecdsa(curve on, std::string_view point) -> key_handle
{
    const auto builder = params_builder_handle{OSSL_PARAM_BLD_new()};
    if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group_name(on), 0) != 1
        || OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
        return nullptr;
    }
    return import_from("EC", builder.get());
}

} // namespace detail

/// OpenSSL's own object for a key, or null when it refuses the numbers. Ed25519 points are not examined by it.
[[nodiscard]] inline auto import_key(const key_material& material) -> detail::key_handle
{
    auto key = std::visit(overloaded{
                              [](const ed25519_key& k) { return detail::import_ed25519(k.point); },
                              [](const sk_ed25519_key& k) { return detail::import_ed25519(k.point); },
                              [](const rsa_key& k) { return detail::import_rsa(k); },
                              [](const ecdsa_key& k) { return detail::import_ecdsa(k.on, k.point); },
                              [](const sk_ecdsa_key& k) { return detail::import_ecdsa(curve::p256, k.point); },
                          },
                          material);
    ERR_clear_error();
    return key;
}

/// Says whether the point of an Ed25519 key is one at all. For other keys there is nothing to ask.
[[nodiscard]] inline auto is_decodable(const key_material& material) -> bool
{
    return std::visit(overloaded{
                          [](const ed25519_key& k) { return is_ed25519_point(k.point); },
                          [](const sk_ed25519_key& k) { return is_ed25519_point(k.point); },
                          [](const rsa_key&) { return true; },
                          [](const ecdsa_key&) { return true; },
                          [](const sk_ecdsa_key&) { return true; },
                      },
                      material);
}

/// Says whether the point of an ECDSA key is one of its curve. For other keys there is nothing to ask.
[[nodiscard]] inline auto is_on_its_curve(const key_material& material) -> bool
{
    const auto asks = std::holds_alternative<ecdsa_key>(material) || std::holds_alternative<sk_ecdsa_key>(material);
    return !asks || import_key(material) != nullptr;
}

} // namespace felhom::authz
