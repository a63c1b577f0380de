// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/keys/openssl_handle.hpp>
#include <felhom/authz/keys/verifying_key.hpp>
#include <felhom/authz/sshsig/signature.hpp>
#include <felhom/authz/sshsig/wire_writer.hpp>

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <tl/expected.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace felhom::authz {

/// What a signer's token must have asked of its user. Presence is always required; there is no value without it.
enum class token_demand { presence, presence_and_verification };

namespace detail {

/// The digest inside the signature algorithm, which is independent of the envelope's (RFC 8332, RFC 5656).
[[nodiscard]] inline auto digest_of(const verifying_key& key, std::string_view signature_type) -> const EVP_MD*
{
    switch (key.scheme()) {
    case scheme::ed25519:
        return nullptr; // pure Ed25519: a digest is an error
    case scheme::rsa:
        return signature_type == "rsa-sha2-256" ? key.hashes().sha256() : key.hashes().sha512();
    case scheme::ecdsa_p256:
        return key.hashes().sha256();
    case scheme::ecdsa_p384:
        return key.hashes().sha384();
    case scheme::ecdsa_p521:
        return key.hashes().sha512();
    }
    return nullptr;
}

/// r and s as OpenSSL takes them; empty if it cannot.
[[nodiscard]] inline auto to_der(std::string_view r, std::string_view s) -> std::vector<unsigned char>
{
    const auto pair = ecdsa_sig_handle{ECDSA_SIG_new()};
    auto r_number = bignum(r);
    auto s_number = bignum(s);
    if (!pair || !r_number || !s_number || ECDSA_SIG_set0(pair.get(), r_number.get(), s_number.get()) != 1) {
        return {};
    }
    std::ignore = r_number.release(); // the pair owns them now
    std::ignore = s_number.release();
    const auto size = i2d_ECDSA_SIG(pair.get(), nullptr);
    if (size <= 0) {
        return {};
    }
    auto der = std::vector<unsigned char>(static_cast<std::size_t>(size));
    auto* end = der.data();
    return i2d_ECDSA_SIG(pair.get(), &end) == size ? der : std::vector<unsigned char>{};
}

/// One call of EVP_DigestVerify. It answers 1 for a good signature, 0 for a bad one and negatively for errors, of which
/// only the first is success.
[[nodiscard]] inline auto verifies(const verifying_key& key, const EVP_MD* digest, std::string_view message,
                                   std::span<const unsigned char> signature) -> bool
{
    const auto context = digest_context_handle{EVP_MD_CTX_new()};
    EVP_PKEY_CTX* key_context = nullptr;
    const auto bytes = octets(message);
    const auto good =
        context && (digest != nullptr || key.scheme() == scheme::ed25519)
        && EVP_DigestVerifyInit(context.get(), &key_context, digest, nullptr, key.handle()) == 1
        && (key.scheme() != scheme::rsa || EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PADDING) == 1)
        && EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(), bytes.size()) == 1;
    if (!good) {
        ERR_clear_error();
    }
    return good;
}

[[nodiscard]] inline auto verifies(const verifying_key& key, const signature& sig, std::string_view message) -> bool
{
    if (is_ecdsa(key.scheme())) {
        const auto der = to_der(sig.r, sig.s);
        return !der.empty() && verifies(key, digest_of(key, sig.type), message, der);
    }
    // OpenSSH pads shorter RSA signatures; RFC 8332 wants the modulus' length.
    const auto size = key.scheme() == scheme::rsa ? static_cast<std::size_t>(EVP_PKEY_get_size(key.handle())) : 64;
    return sig.body.size() == size && verifies(key, digest_of(key, sig.type), message, octets(sig.body));
}

/// What a token signs in place of the message (PROTOCOL.u2f).
[[nodiscard]] inline auto verifies_by_token(const verifying_key& key, const signature& sig, const token_status& token,
                                            std::string_view message) -> bool
{
    const auto& application = key.application();
    const auto digest = digest_value::of(key.hashes().sha256(), message);
    if (!application) {
        return false;
    }
    const auto whole = wire_writer{}.raw(application->bytes()).raw(token.signed_bytes).raw(digest.bytes());
    return !digest.empty() && whole.complete() && verifies(key, sig, whole.bytes());
}

[[nodiscard]] inline auto check_flags(const token_status& token, token_demand demand) -> tl::expected<void, bad_field>
{
    const auto refused = [&](std::string_view expected) {
        return tl::unexpected(bad_field{"flags", token.offset, std::string{expected}, std::to_string(token.flags)});
    };
    if ((token.flags & token_status::user_present) == 0) {
        return refused("user presence (bit 0)");
    }
    if (demand == token_demand::presence_and_verification && (token.flags & token_status::user_verified) == 0) {
        return refused("user verification (bit 2)");
    }
    if ((token.flags & ~(token_status::user_present | token_status::user_verified)) != 0) {
        return refused("no other bits than presence and verification");
    }
    return {};
}

} // namespace detail

/// Verifies a signature blob over a message with a configured key. A token's user must have been present, which OpenSSH
/// itself does not ask of file signatures.
[[nodiscard]] inline auto verify_signature(const verifying_key& key, std::string_view blob, std::string_view message,
                                           token_demand demand) -> tl::expected<void, bad_field>
{
    const auto sig = parse_signature(key, blob);
    if (!sig) {
        return tl::unexpected(sig.error());
    }
    const auto& token = sig->token;
    if (!(token ? detail::verifies_by_token(key, *sig, *token, message) : detail::verifies(key, *sig, message))) {
        return tl::unexpected(
            bad_field{"signature body", sig->body_offset, "the key's signature over these bytes", "another"});
    }
    return token ? detail::check_flags(*token, demand) : tl::expected<void, bad_field>{};
}

} // namespace felhom::authz
