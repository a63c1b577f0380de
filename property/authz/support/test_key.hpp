// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/keys/import_key.hpp>
#include <felhom/authz/keys/openssl_handle.hpp>
#include <felhom/authz/signers/signers.hpp>
#include <felhom/authz/sshsig/base64.hpp>
#include <felhom/authz/sshsig/digests.hpp>
#include <felhom/authz/sshsig/octets.hpp>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::authz {

[[nodiscard]] inline auto wire_string(std::string_view bytes) -> std::string
{
    const auto size = static_cast<std::uint32_t>(bytes.size());
    auto text = std::string{};
    for (const auto shift : {24U, 16U, 8U, 0U}) {
        text += static_cast<char>(size >> shift);
    }
    return text.append(bytes);
}

/// A positive number as SSH writes it, from its big-endian magnitude.
[[nodiscard]] inline auto wire_mpint(std::string_view magnitude) -> std::string
{
    magnitude.remove_prefix(std::min(magnitude.find_first_not_of('\0'), magnitude.size()));
    const auto is_high = !magnitude.empty() && (static_cast<std::uint8_t>(magnitude.front()) & 0x80U) != 0;
    return wire_string((is_high ? std::string(1, '\0') : std::string{}).append(magnitude));
}

[[nodiscard]] inline auto armor_of(const std::string& envelope) -> std::string
{
    return "-----BEGIN SSH SIGNATURE-----\n" + encode_base64(envelope) + "\n-----END SSH SIGNATURE-----\n";
}

enum class key_kind { ed25519, sk_ed25519, p256, p384, p521, sk_p256, rsa };

inline constexpr auto every_key_kind =
    std::array{key_kind::ed25519, key_kind::sk_ed25519, key_kind::p256, key_kind::p384,
               key_kind::p521,    key_kind::sk_p256,    key_kind::rsa};

[[nodiscard]] constexpr auto is_token(key_kind kind) -> bool
{
    return kind == key_kind::sk_ed25519 || kind == key_kind::sk_p256;
}

[[nodiscard]] constexpr auto type_of(key_kind kind) -> std::string_view
{
    switch (kind) {
    case key_kind::ed25519:
        return "ssh-ed25519";
    case key_kind::sk_ed25519:
        return "sk-ssh-ed25519@openssh.com";
    case key_kind::p256:
        return "ecdsa-sha2-nistp256";
    case key_kind::p384:
        return "ecdsa-sha2-nistp384";
    case key_kind::p521:
        return "ecdsa-sha2-nistp521";
    case key_kind::sk_p256:
        return "sk-ecdsa-sha2-nistp256@openssh.com";
    case key_kind::rsa:
        break;
    }
    return "ssh-rsa";
}

/// What a token adds to a signature.
struct token_signs {
    std::uint8_t flags = 1;
    std::uint32_t counter = 7;
    std::string_view application = "ssh:";
};

/// A key that the tests own, its private half in memory: also one that says to live in a token.
class test_key {
public:
    /// The Ed25519 key of 32 secret bytes.
    explicit test_key(std::string_view secret) : kind_{key_kind::ed25519}
    {
        const auto bytes = octets(secret);
        key_.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes.data(), bytes.size()));
        blob_ = public_blob();
    }

    /// A new key.
    explicit test_key(key_kind kind, unsigned bits = 2048) : kind_{kind}
    {
        switch (kind) {
        case key_kind::ed25519:
        case key_kind::sk_ed25519:
            key_.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
            break;
        case key_kind::rsa:
            key_.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{bits}));
            break;
        case key_kind::p256:
        case key_kind::p384:
        case key_kind::p521:
        case key_kind::sk_p256:
            key_.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", detail::group_name(curve_of(kind))));
            break;
        }
        if (!key_) {
            throw std::runtime_error{"OpenSSL makes no key"};
        }
        blob_ = public_blob();
    }

    [[nodiscard]] auto kind() const -> key_kind { return kind_; }
    [[nodiscard]] auto blob() const -> const std::string& { return blob_; }
    [[nodiscard]] auto line() const -> std::string { return std::string{type_of(kind_)} + " " + encode_base64(blob_); }

    /// The signature blob over a message.
    [[nodiscard]] auto sign(std::string_view message, const token_signs& by_token = {}) const -> std::string
    {
        const auto type = kind_ == key_kind::rsa ? std::string_view{"rsa-sha2-512"} : type_of(kind_);
        if (!is_token(kind_)) {
            return wire_string(type) + wire_string(body(message));
        }
        static const auto hashes = digests::fetch();
        const auto digest = [](std::string_view bytes) {
            return std::string{digest_value::of(hashes.sha256(), bytes).bytes()};
        };
        auto status = std::string(1, static_cast<char>(by_token.flags));
        for (const auto shift : {24U, 16U, 8U, 0U}) {
            status += static_cast<char>(by_token.counter >> shift);
        }
        return wire_string(type) + wire_string(body(digest(by_token.application) + status + digest(message))) + status;
    }

    /// The bare signature, as OpenSSL makes it but for the numbers of ECDSA.
    [[nodiscard]] auto body(std::string_view message) const -> std::string
    {
        const auto context = detail::digest_context_handle{EVP_MD_CTX_new()};
        const auto bytes = octets(message);
        auto size = std::size_t{0};
        EVP_DigestSignInit(context.get(), nullptr, digest(), nullptr, key_.get());
        EVP_DigestSign(context.get(), nullptr, &size, bytes.data(), bytes.size());
        auto signature = std::string(size, '\0');
        EVP_DigestSign(context.get(), writable_octets(signature).data(), &size, bytes.data(), bytes.size());
        signature.resize(size);
        return is_ecdsa() ? numbers_of(signature) : signature;
    }

private:
    [[nodiscard]] static auto curve_of(key_kind kind) -> curve
    {
        return kind == key_kind::p384 ? curve::p384 : kind == key_kind::p521 ? curve::p521 : curve::p256;
    }

    [[nodiscard]] auto is_ecdsa() const -> bool
    {
        return kind_ != key_kind::rsa && kind_ != key_kind::ed25519 && kind_ != key_kind::sk_ed25519;
    }

    [[nodiscard]] auto digest() const -> const EVP_MD*
    {
        switch (kind_) {
        case key_kind::ed25519:
        case key_kind::sk_ed25519:
            return nullptr;
        case key_kind::p256:
        case key_kind::sk_p256:
            return EVP_sha256();
        case key_kind::p384:
            return EVP_sha384();
        case key_kind::p521:
        case key_kind::rsa:
            break;
        }
        return EVP_sha512();
    }

    /// r and s out of DER.
    [[nodiscard]] static auto numbers_of(std::string_view der) -> std::string
    {
        const auto* begin = octets(der).data();
        const auto pair = detail::ecdsa_sig_handle{d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(der.size()))};
        return mpint(ECDSA_SIG_get0_r(pair.get())) + mpint(ECDSA_SIG_get0_s(pair.get()));
    }

    [[nodiscard]] static auto mpint(const BIGNUM* number) -> std::string
    {
        auto magnitude = std::string(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
        BN_bn2bin(number, writable_octets(magnitude).data());
        return wire_mpint(magnitude);
    }

    [[nodiscard]] auto number_called(const char* name) const -> std::string
    {
        BIGNUM* number = nullptr;
        EVP_PKEY_get_bn_param(key_.get(), name, &number);
        const auto owned = detail::bignum_handle{number};
        return mpint(owned.get());
    }

    [[nodiscard]] auto point() const -> std::string
    {
        auto bytes = std::string(256, '\0');
        auto size = bytes.size();
        EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, writable_octets(bytes).data(),
                                        bytes.size(), &size);
        bytes.resize(size);
        return bytes;
    }

    [[nodiscard]] auto public_blob() const -> std::string
    {
        const auto application = is_token(kind_) ? wire_string("ssh:") : std::string{};
        const auto type = wire_string(type_of(kind_));
        switch (kind_) {
        case key_kind::ed25519:
        case key_kind::sk_ed25519:
            return type + wire_string(point()) + application;
        case key_kind::p256:
        case key_kind::sk_p256:
            return type + wire_string("nistp256") + wire_string(point()) + application;
        case key_kind::p384:
            return type + wire_string("nistp384") + wire_string(point());
        case key_kind::p521:
            return type + wire_string("nistp521") + wire_string(point());
        case key_kind::rsa:
            break;
        }
        return type + number_called(OSSL_PKEY_PARAM_RSA_E) + number_called(OSSL_PKEY_PARAM_RSA_N);
    }

    key_kind kind_;
    detail::key_handle key_;
    std::string blob_;
};

/// One key of a kind, made once a program.
[[nodiscard]] inline auto key_of(key_kind kind) -> const test_key&
{
    static const auto all = std::array{
        test_key{key_kind::ed25519}, test_key{key_kind::sk_ed25519}, test_key{key_kind::p256}, test_key{key_kind::p384},
        test_key{key_kind::p521},    test_key{key_kind::sk_p256},    test_key{key_kind::rsa}};
    return all.at(static_cast<std::size_t>(kind));
}

/// The fields of an envelope, to be spoilt one by one.
struct envelope_fields {
    std::string magic_and_version{"SSHSIG\0\0\0\1", 10};
    std::string public_key;
    std::string name_space = "felhom-op-v1";
    std::string reserved{};
    std::string hash = "sha512";
    std::string signature{};

    [[nodiscard]] auto bytes() const -> std::string
    {
        return magic_and_version + wire_string(public_key) + wire_string(name_space) + wire_string(reserved)
               + wire_string(hash) + wire_string(signature);
    }
};

/// What is signed in place of a message.
[[nodiscard]] inline auto signed_text_of(std::string_view message, std::string_view name_space = "felhom-op-v1",
                                         message_hash hash = message_hash::sha512) -> std::string
{
    static const auto hashes = digests::fetch();
    const auto digest = digest_value::of(hashes.of(hash), message);
    return "SSHSIG" + wire_string(name_space) + wire_string("") + wire_string(name(hash)) + wire_string(digest.bytes());
}

/// The envelope of a message, signed for a namespace.
[[nodiscard]] inline auto envelope_for(const test_key& key, std::string_view message,
                                       const std::string& name_space = "felhom-op-v1",
                                       message_hash hash = message_hash::sha512, const token_signs& by_token = {})
    -> envelope_fields
{
    return {.public_key = key.blob(),
            .name_space = name_space,
            .hash = std::string{name(hash)},
            .signature = key.sign(signed_text_of(message, name_space, hash), by_token)};
}

[[nodiscard]] inline auto sign_message(const test_key& key, std::string_view message) -> std::string
{
    return armor_of(envelope_for(key, message).bytes());
}

} // namespace felhom::authz
