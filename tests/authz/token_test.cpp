// SPDX-License-Identifier: Apache-2.0
#include "authz/support/operators.hpp"
#include "support/catch.hpp"

#include <string>

using namespace felhom;
using namespace felhom::authz;

namespace {

/// An operation under a token's signature, and what becomes of it where the signer's line has these options.
auto by_token(key_kind kind, const token_signs& token, const std::string& options = {},
              message_hash hash = message_hash::sha512) -> tl::expected<timely, error>
{
    const auto& key = key_of(kind);
    const auto listed =
        *signers::load({{.authorized_key = options + key.line(), .tag = signer_tag::recovery, .key_id = "token"}});
    const auto blob = text_of(some_operation());
    return judged({.armor = armor_of(envelope_for(key, blob, "felhom-op-v1", hash, token).bytes()), .blob = blob},
                  listed);
}

} // namespace

TEST_CASE("of all 256 flags of a token, those pass that say the user was present, and verified where that is demanded")
{
    for (const auto kind : {key_kind::sk_ed25519, key_kind::sk_p256}) {
        for (auto flags = 0U; flags < 256; ++flags) {
            INFO(type_of(kind) << ", flags " << flags);
            const auto token = token_signs{.flags = static_cast<std::uint8_t>(flags)};
            const auto present = flags == 1 || flags == 5;
            const auto verified = flags == 5;
            CHECK(verdict(by_token(kind, token)) == (present ? "accepted" : "bad_signature at signature"));
            CHECK(verdict(by_token(kind, token, "verify-required "))
                  == (verified ? "accepted" : "bad_signature at signature"));
        }
    }
}

TEST_CASE("a refused flag is named with what it lacks")
{
    const auto lacking = [](std::uint8_t flags, const std::string& options = {}) {
        const auto made = by_token(key_kind::sk_ed25519, {.flags = flags}, options);
        REQUIRE_FALSE(made);
        return std::get<bad_signature>(made.error()).what.expected;
    };
    CHECK(lacking(0) == "user presence (bit 0)");
    CHECK(lacking(4) == "user presence (bit 0)");
    CHECK(lacking(1, "verify-required ") == "user verification (bit 2)");
    CHECK(lacking(0x41) == "no other bits than presence and verification");
}

TEST_CASE("a token's signature is accepted with either hash, whatever its counter says")
{
    for (const auto kind : {key_kind::sk_ed25519, key_kind::sk_p256}) {
        for (const auto hash : {message_hash::sha256, message_hash::sha512}) {
            for (const auto counter : {0U, 1U, 0xffffffffU}) {
                CHECK(verdict(by_token(kind, {.counter = counter}, "", hash)) == "accepted");
            }
        }
    }
}

TEST_CASE("a token that signed for another application did not sign for this one")
{
    for (const auto kind : {key_kind::sk_ed25519, key_kind::sk_p256}) {
        CHECK(verdict(by_token(kind, {.application = "ssh:other"})) == "bad_signature at signature");
    }
}

TEST_CASE("flags and counter that were edited after signing are refused")
{
    for (const auto kind : {key_kind::sk_ed25519, key_kind::sk_p256}) {
        for (auto from_end = std::size_t{1}; from_end <= 5; ++from_end) {
            CHECK(verdict(judged(with_envelope(kind,
                                               [&](envelope_fields& fields) {
                                                   auto& byte = fields.signature[fields.signature.size() - from_end];
                                                   byte = static_cast<char>(byte ^ 4);
                                               })))
                  == "bad_signature at signature");
        }
    }
}

TEST_CASE("a plain signature dressed as a token's is refused, and a token's as a plain one")
{
    for (const auto kind : {key_kind::sk_ed25519, key_kind::sk_p256}) {
        const auto blob = text_of(some_operation());
        const auto dressed = with_envelope(kind, [&](envelope_fields& fields) {
            fields.signature = wire_string(type_of(kind)) + wire_string(key_of(kind).body(signed_text_of(blob)))
                               + std::string("\1\0\0\0\7", 5);
        });
        CHECK(verdict(judged(dressed)) == "bad_signature at signature");
        const auto plain = with_envelope(kind, [&](envelope_fields& fields) {
            fields.signature = wire_string(type_of(kind)) + wire_string(key_of(kind).body(signed_text_of(blob)));
        });
        CHECK(verdict(judged(plain)) == "bad_signature at signature");
    }
    const auto undressed = with_envelope(
        key_kind::ed25519, [](envelope_fields& fields) { fields.signature += std::string("\1\0\0\0\7", 5); });
    CHECK(verdict(judged(undressed)) == "bad_signature at signature");
}

TEST_CASE("a webauthn signature is refused, though its key is listed")
{
    const auto made = judged(with_envelope(key_kind::sk_p256, [](envelope_fields& fields) {
        fields.signature = wire_string("webauthn-sk-ecdsa-sha2-nistp256@openssh.com")
                           + fields.signature.substr(wire_string(type_of(key_kind::sk_p256)).size())
                           + wire_string("https://example.org") + wire_string("{}") + wire_string("");
    }));
    REQUIRE_FALSE(made);
    CHECK(verdict(made) == "bad_signature at signature");
    CHECK(std::get<bad_signature>(made.error()).what.field == "signature type");
}
