// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/keys/verifying_key.hpp>
#include <felhom/authz/sshsig/wire.hpp>

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace felhom::authz {

/// What a FIDO token reports next to its signature (PROTOCOL.u2f). Trustworthy only once the signature has verified.
struct token_status {
    static constexpr std::uint8_t user_present = 0x01;
    static constexpr std::uint8_t user_verified = 0x04;

    std::uint8_t flags;
    std::string_view signed_bytes; ///< flags and counter as they stand in the signature
    std::size_t offset;
};

/// The fields of an SSH signature blob. Views into it.
struct signature {
    std::string_view type;
    std::size_t body_offset;
    std::string_view body; ///< of Ed25519 and RSA
    std::string_view r;    ///< of ECDSA
    std::string_view s;
    std::optional<token_status> token;
};

namespace detail {

[[nodiscard]] inline auto is_ecdsa(scheme s) -> bool
{
    return s == scheme::ecdsa_p256 || s == scheme::ecdsa_p384 || s == scheme::ecdsa_p521;
}

/// The signature types of a key, which follow from the configured key and never from what was received. The type
/// ssh-rsa means SHA-1 and is none of them.
[[nodiscard]] inline auto may_sign_as(const verifying_key& key, std::string_view type) -> bool
{
    return key.scheme() == scheme::rsa ? type == "rsa-sha2-256" || type == "rsa-sha2-512" : type == key.type();
}

[[nodiscard]] inline auto expected_types(const verifying_key& key) -> std::string_view
{
    return key.scheme() == scheme::rsa ? "rsa-sha2-256 or rsa-sha2-512" : std::string_view{key.type()};
}

[[nodiscard]] inline auto read_token_status(wire_reader& in) -> token_status
{
    const auto offset = in.offset();
    const auto signed_bytes = in.raw("flags and counter", 5);
    return {.flags = signed_bytes.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(signed_bytes.front()),
            .signed_bytes = signed_bytes,
            .offset = offset};
}

} // namespace detail

/// Reads a signature blob as one of the given key's signatures.
[[nodiscard]] inline auto parse_signature(const verifying_key& key, std::string_view blob)
    -> tl::expected<signature, bad_field>
{
    auto in = wire_reader{blob};
    auto made = signature{};
    made.type = in.string("signature type");
    in.require(detail::may_sign_as(key, made.type), "signature type", 0, detail::expected_types(key), made.type);

    made.body_offset = in.offset();
    made.body = in.string("signature body");
    if (key.application()) {
        made.token = detail::read_token_status(in);
    }
    auto whole = std::move(in).finish("signature", made);
    if (!whole || !detail::is_ecdsa(key.scheme())) {
        return whole;
    }
    auto numbers = wire_reader{made.body, made.body_offset + 4};
    made.r = numbers.positive_mpint("r");
    made.s = numbers.positive_mpint("s");
    return std::move(numbers).finish("signature body", made);
}

} // namespace felhom::authz
