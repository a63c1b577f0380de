// SPDX-License-Identifier: Apache-2.0
#include "authz/support/operators.hpp"
#include "support/catch.hpp"
#include "support/store_in_memory.hpp"

#include <openssl/rsa.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

using namespace felhom;
using namespace felhom::authz;
using namespace std::string_literals;

namespace {

/// One way to have an operation carried out that nobody allowed, and where it must end.
struct attack {
    std::string name;
    std::string expected;
    std::function<brought()> bring;
};

auto genuine(key_kind kind = key_kind::ed25519) -> brought
{
    return signed_by(kind, text_of(some_operation()));
}

/// The genuine signature in another text.
auto in_text(std::function<std::string(std::string)> change) -> std::function<brought()>
{
    return [change = std::move(change)] {
        auto one = genuine();
        one.armor = change(one.armor);
        return one;
    };
}

auto in_envelope(std::function<void(envelope_fields&)> change, key_kind kind = key_kind::ed25519)
    -> std::function<brought()>
{
    return [=] { return with_envelope(kind, change); };
}

/// Another operation, signed as it should be.
auto in_operation(std::function<void(operation&)> change) -> std::function<brought()>
{
    return [change = std::move(change)] {
        auto op = some_operation();
        change(op);
        return signed_by(key_kind::ed25519, text_of(op));
    };
}

/// Another text, signed as it should be.
auto in_blob(std::function<std::string(std::string)> change) -> std::function<brought()>
{
    return [change = std::move(change)] { return signed_by(key_kind::ed25519, change(text_of(some_operation()))); };
}

/// Another text under the genuine signature.
auto in_message(std::function<std::string(std::string)> change) -> std::function<brought()>
{
    return [change = std::move(change)] {
        auto one = genuine();
        one.blob = change(one.blob);
        return one;
    };
}

auto replaced(std::string text, std::string_view from, std::string_view to) -> std::string
{
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

/// A length before the key's bytes that is not theirs.
auto with_key_length(std::string length) -> std::function<brought()>
{
    return in_text([length = std::move(length)](const std::string& armor) {
        const auto bytes = *decode_armor(armor);
        auto envelope = std::string{bytes.begin(), bytes.end()};
        return armor_of(envelope.replace(10, 4, length));
    });
}

void add_text_attacks(std::vector<attack>& all)
{
    const auto add = [&](std::string name, std::function<std::string(std::string)> change) {
        all.push_back({std::move(name), "malformed at armor", in_text(std::move(change))});
    };
    add("text before the armor", [](const std::string& a) { return "Signature:\n" + a; });
    add("text after the armor", [](const std::string& a) { return a + "x"; });
    add("a second signature after the first", [](const std::string& a) { return a + a; });
    add("a NUL in the base64, and the rest behind it",
        [](const std::string& a) { return replaced(a, "\n-----END", "\0AAAA\n-----END"s); });
    add("stray bits in the base64's last digit", [](const std::string& a) {
        // 183 bytes end in no padding, so one more field's byte makes room for stray bits.
        const auto bytes = *decode_armor(a);
        auto text = encode_base64({bytes.data(), bytes.size() - 1});
        text[text.find('=') - 1] = static_cast<char>(text[text.find('=') - 1] + 1);
        return "-----BEGIN SSH SIGNATURE-----\n" + text + "\n-----END SSH SIGNATURE-----\n";
    });
    add("a blank in the base64", [](const std::string& a) { return replaced(a, "\n-----END", " \n-----END"); });
    for (const auto& length : {"\xff\xff\xff\xff"s, "\x80\x00\x00\x00"s, "\x7f\xff\xff\xff"s, "\x00\x00\x01\x00"s}) {
        all.push_back({"a key length that runs over the end", "malformed at armor", with_key_length(length)});
    }
    all.push_back({"bytes after the last field", "malformed at armor", in_text([](const std::string& a) {
                       const auto bytes = *decode_armor(a);
                       return armor_of(std::string{bytes.begin(), bytes.end()} + "x");
                   })});
}

void add_frame_attacks(std::vector<attack>& all)
{
    const auto add = [&](std::string name, std::string expected, std::function<void(envelope_fields&)> change) {
        all.push_back({std::move(name), std::move(expected), in_envelope(std::move(change))});
    };
    add("version 0", "malformed at armor", [](auto& e) { e.magic_and_version.back() = '\0'; });
    add("version 2", "malformed at armor", [](auto& e) { e.magic_and_version.back() = '\2'; });
    add("another magic", "malformed at armor", [](auto& e) { e.magic_and_version.front() = 's'; });
    add("bytes in the reserved field", "malformed at armor", [](auto& e) { e.reserved = "x"; });
    for (const auto& hash : {"sha1"s, "md5"s, "SHA512"s, "sha384"s, "sha512\0"s, ""s, "sha-512"s}) {
        add("hash algorithm " + shown(hash), "malformed at armor", [=](auto& e) { e.hash = hash; });
    }
    for (const auto& other : {"git"s, "file"s, "felhom-op-v"s, "felhom-op-v10"s, "Felhom-op-v1"s, "felhom-op-v1\0"s,
                              "felhom-op-v1 "s, "felhom-\xd0\xbep-v1"s, ""s}) {
        add("namespace " + shown(other), "namespace at namespace", [=](auto& e) { e.name_space = other; });
    }
    all.push_back({"a signature for git with the namespace rewritten", "bad_signature at signature", [] {
                       auto blob = text_of(some_operation());
                       auto fields = envelope_for(key_of(key_kind::ed25519), blob, "git");
                       fields.name_space = "felhom-op-v1";
                       return brought{armor_of(fields.bytes()), std::move(blob)};
                   }});
}

/// A key blob in place of the genuine one.
void add_key_attacks(std::vector<attack>& all)
{
    const auto add = [&](std::string name, std::string expected, std::string blob) {
        all.push_back({std::move(name), std::move(expected), in_envelope([=](auto& e) { e.public_key = blob; })});
    };
    const auto malformed = "malformed at public_key"s;
    const auto point = wire_string(std::string(32, '\3'));
    for (const auto& type : {"ssh-ed25519-cert-v01@openssh.com"s, "ssh-dss"s, "ssh-ed448"s, "ssh-ed25519\0"s,
                             "ssh-mldsa44-ed25519@openssh.com"s, "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"s,
                             "rsa-sha2-256"s, "rsa-sha2-512"s, "SSH-ED25519"s}) {
        add("key type " + shown(type), malformed, wire_string(type) + point);
    }
    const auto& p256 = key_of(key_kind::p256).blob();
    const auto coordinates = p256.substr(p256.size() - 64);
    const auto ecdsa = [](const std::string& curve_name, const std::string& bytes) {
        return wire_string("ecdsa-sha2-nistp256") + wire_string(curve_name) + wire_string(bytes);
    };
    auto off = coordinates;
    off.back() = static_cast<char>(off.back() ^ 1);
    add("a point off the curve", malformed, ecdsa("nistp256", "\4" + off));
    add("a compressed point", malformed, ecdsa("nistp256", "\2" + coordinates.substr(0, 32)));
    add("a hybrid point", malformed, ecdsa("nistp256", "\6" + coordinates));
    add("the point at infinity", malformed, ecdsa("nistp256", std::string(1, '\0')));
    add("a coordinate above p", malformed, ecdsa("nistp256", "\4" + std::string(64, '\xff')));
    add("a curve that is not the type's", malformed, ecdsa("nistp384", "\4" + coordinates));
    add("a curve's name with a NUL", malformed, ecdsa("nistp256\0"s, "\4" + coordinates));
    const auto rsa = [](const std::string& e, const std::string& n) {
        return wire_string("ssh-rsa") + wire_string(e) + wire_string(n);
    };
    const auto modulus = "\0\x80"s + std::string(254, '\1') + "\1";
    add("RSA with e = 1", malformed, rsa("\1", modulus));
    add("RSA with an even e", malformed, rsa("\1\0\2"s, modulus));
    add("RSA with an e of 33 bits", malformed, rsa("\1\0\0\0\1"s, modulus));
    add("RSA with a negative modulus", malformed, rsa("\1\0\1"s, modulus.substr(1)));
    add("RSA with a needless zero before e", malformed, rsa("\0\1\0\1"s, modulus));
    add("RSA with an even modulus", malformed, rsa("\1\0\1"s, modulus.substr(0, 256) + "\2"));
    add("RSA of 1024 bits", malformed, rsa("\1\0\1"s, "\0\x80"s + std::string(127, '\1')));
    add("RSA of 65536 bits", malformed, rsa("\1\0\1"s, "\0\x80"s + std::string(8191, '\1')));
    add("Ed25519 with the identity", malformed, wire_string("ssh-ed25519") + wire_string("\1" + std::string(31, '\0')));
    add("Ed25519 with a y above p", malformed,
        wire_string("ssh-ed25519") + wire_string("\xee" + std::string(30, '\xff') + "\x7f"));
    add("Ed25519 with 31 bytes", malformed, wire_string("ssh-ed25519") + wire_string(std::string(31, '\3')));
    add("a byte after the key", malformed, key_of(key_kind::ed25519).blob() + "\0"s);

    const auto unknown = "unknown_signer at allow_list"s;
    add("a key that nobody listed", unknown, test_key{key_kind::ed25519}.blob());
    const auto& token = key_of(key_kind::sk_ed25519).blob();
    const auto its_point = token.substr(token.size() - 40, 32);
    add("a listed token's key with another application", unknown,
        wire_string("sk-ssh-ed25519@openssh.com") + wire_string(its_point) + wire_string("ssh:x"));
    add("a listed token's point as a plain key", unknown, wire_string("ssh-ed25519") + wire_string(its_point));
    const auto& plain = key_of(key_kind::ed25519).blob();
    add("a listed plain point as a token's key", unknown,
        wire_string("sk-ssh-ed25519@openssh.com") + wire_string(plain.substr(plain.size() - 32)) + wire_string("ssh:"));
    all.push_back({"an operator's key id with another key", unknown, [] {
                       const auto stranger = test_key{key_kind::ed25519};
                       const auto blob = text_of(some_operation());
                       return brought{sign_message(stranger, blob), blob};
                   }});
}

/// S and the group's order, little-endian.
auto plus_order(std::string s) -> std::string
{
    static constexpr auto order = std::string_view{"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14"
                                                   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10",
                                                   32};
    auto carry = 0U;
    for (auto at = std::size_t{0}; at < s.size(); ++at) {
        const auto sum = static_cast<std::uint8_t>(s[at]) + static_cast<std::uint8_t>(order[at]) + carry;
        s[at] = static_cast<char>(sum);
        carry = sum >> 8U;
    }
    return s;
}

auto labelled(std::string_view type, const std::string& body) -> std::string
{
    return wire_string(type) + wire_string(body);
}

void add_signature_attacks(std::vector<attack>& all)
{
    const auto add = [&](std::string name, key_kind kind, std::function<std::string(const std::string&)> make) {
        all.push_back(
            {std::move(name), "bad_signature at signature",
             in_envelope([make = std::move(make)](envelope_fields& e) { e.signature = make(e.signature); }, kind)});
    };
    const auto text = [] { return signed_text_of(text_of(some_operation())); };
    const auto body_of = [=](key_kind kind) { return key_of(kind).body(text()); };

    add("somebody else's signature under a listed key", key_kind::ed25519,
        [=](const auto&) { return test_key{key_kind::ed25519}.sign(text()); });
    add("a type with a NUL", key_kind::ed25519,
        [=](const auto&) { return labelled("ssh-ed25519\0"s, body_of(key_kind::ed25519)); });
    add("Ed25519 called RSA", key_kind::ed25519,
        [=](const auto&) { return labelled("rsa-sha2-512", body_of(key_kind::ed25519)); });
    add("P-256 called P-384", key_kind::p256,
        [=](const auto&) { return labelled("ecdsa-sha2-nistp384", body_of(key_kind::p256)); });
    add("P-384 by a P-256 key", key_kind::p256, [=](const auto&) { return key_of(key_kind::p384).sign(text()); });
    add("RSA with SHA-512 called SHA-256", key_kind::rsa,
        [=](const auto&) { return labelled("rsa-sha2-256", body_of(key_kind::rsa)); });
    add("RSA called ssh-rsa, which means SHA-1", key_kind::rsa,
        [=](const auto&) { return labelled("ssh-rsa", body_of(key_kind::rsa)); });
    add("RSA with a byte less than the modulus", key_kind::rsa,
        [=](const auto&) { return labelled("rsa-sha2-512", body_of(key_kind::rsa).substr(1)); });
    add("RSA with a zero more than the modulus", key_kind::rsa,
        [=](const auto&) { return labelled("rsa-sha2-512", "\0"s + body_of(key_kind::rsa)); });
    add("Ed25519 with S above the order", key_kind::ed25519, [=](const auto&) {
        const auto body = body_of(key_kind::ed25519);
        return labelled("ssh-ed25519", body.substr(0, 32) + plus_order(body.substr(32)));
    });
    add("Ed25519 with 63 bytes", key_kind::ed25519,
        [=](const auto&) { return labelled("ssh-ed25519", body_of(key_kind::ed25519).substr(0, 63)); });
    add("Ed25519 with 65 bytes", key_kind::ed25519,
        [=](const auto&) { return labelled("ssh-ed25519", body_of(key_kind::ed25519) + "\0"s); });
    const auto ecdsa = [](const std::string& numbers) { return labelled("ecdsa-sha2-nistp256", numbers); };
    add("ECDSA with r = s = 0", key_kind::p256, [=](const auto&) { return ecdsa(wire_string("") + wire_string("")); });
    add("ECDSA with r = s = 1", key_kind::p256,
        [=](const auto&) { return ecdsa(wire_string("\1") + wire_string("\1")); });
    add("ECDSA with r above the order", key_kind::p256,
        [=](const auto&) { return ecdsa(wire_mpint(std::string(33, '\x7f')) + wire_string("\1")); });
    add("ECDSA with a needless zero before r", key_kind::p256, [=](const auto&) {
        const auto numbers = body_of(key_kind::p256);
        const auto size = static_cast<std::size_t>(static_cast<std::uint8_t>(numbers[3]));
        return ecdsa(wire_string("\0\0"s + numbers.substr(4, size)) + numbers.substr(4 + size));
    });
    add("ECDSA with a byte after s", key_kind::p256, [=](const auto&) { return ecdsa(body_of(key_kind::p256) + "x"); });
    add("ECDSA as 64 bytes of fixed width", key_kind::p256, [=](const auto&) { return ecdsa(std::string(64, '\1')); });
    add("ECDSA as DER", key_kind::p256, [=](const auto&) { return ecdsa("\x30\x06\x02\x01\x01\x02\x01\x01"); });
    add("an empty signature", key_kind::ed25519, [](const auto&) { return std::string{}; });
    add("a byte after the signature", key_kind::ed25519, [](const auto& genuine_one) { return genuine_one + "x"; });
    add("a token that nobody touched", key_kind::sk_ed25519,
        [=](const auto&) { return key_of(key_kind::sk_ed25519).sign(text(), {.flags = 0}); });

    const auto change = [&](std::string name, std::function<std::string(std::string)> how) {
        all.push_back({std::move(name), "bad_signature at signature", in_message(std::move(how))});
    };
    change("another guest in the message", [](const std::string& m) { return replaced(m, "\"101\"", "\"102\""); });
    change("a newline after the message", [](const std::string& m) { return m + "\n"; });
    change("a blank in the message", [](const std::string& m) { return replaced(m, "{", "{ "); });
    change("the message spelled with an escape",
           [](const std::string& m) { return replaced(m, "guest.", "\\u0067uest."); });
    change("an empty message", [](const std::string&) { return std::string{}; });
}

void add_operation_attacks(std::vector<attack>& all)
{
    const auto malformed = "malformed at operation"s;
    const auto add = [&](std::string name, std::function<std::string(std::string)> change) {
        all.push_back({std::move(name), malformed, in_blob(std::move(change))});
    };
    add("two hosts", [](const std::string& m) { return replaced(m, "{", R"({"host_id":"host-b",)"); });
    add("two hosts, one spelled with an escape",
        [](const std::string& m) { return replaced(m, "{", R"({"host\u005fid":"host-b",)"); });
    add("a key twice within the parameters",
        [](const std::string& m) { return replaced(m, R"("purge":true)", R"("purge":true,"purge":false)"); });
    add("data after the object", [](const std::string& m) { return m + "{}"; });
    add("a NUL after the object", [](const std::string& m) { return m + "\0"s; });
    add("a byte order mark", [](const std::string& m) { return "\xef\xbb\xbf" + m; });
    add("invalid UTF-8", [](const std::string& m) { return replaced(m, "\"op\":\"guest", "\"op\":\"\xff"); });
    add("17 levels",
        [](const std::string& m) { return replaced(m, "true", std::string(15, '[') + std::string(15, ']')); });
    add("an unknown member", [](const std::string& m) { return replaced(m, "{", R"({"force":true,)"); });
    add("a guest that is a number", [](const std::string& m) { return replaced(m, "\"101\"", "101"); });
    add("a version that is 1.0", [](const std::string& m) { return replaced(m, "\"v\":1", "\"v\":1.0"); });
    add("an array around it", [](const std::string& m) { return "[" + m + "]"; });
    all.push_back({"an inverted window", malformed,
                   in_operation([](operation& op) { std::swap(op.not_before, op.expires_at); })});
    all.push_back({"a window of 25 hours", malformed,
                   in_operation([](operation& op) { op.not_before = op.expires_at - std::chrono::hours{25}; })});
    add("an inverted window in two zones",
        [](const std::string& m) { return replaced(m, "2026-06-01T12:05:00Z", "2026-06-01T12:30:00+01:00"); });

    for (const auto& host :
         {"host-b"s, "host-a "s, "HOST-A"s, "host-\xd0\xb0"s, "host-a\xe2\x80\x8b"s, "host-a."s, ""s}) {
        all.push_back(
            {"host " + shown(host), "target at target", in_operation([=](operation& op) { op.host_id = host; })});
    }
    all.push_back({"a window that closed", "expired at time", in_operation([](operation& op) {
                       op.not_before -= std::chrono::hours{1};
                       op.expires_at -= std::chrono::hours{1};
                   })});
    all.push_back({"a window that has not opened", "not_yet_valid at time", in_operation([](operation& op) {
                       op.not_before += std::chrono::hours{1};
                       op.expires_at += std::chrono::hours{1};
                   })});
    all.push_back({"a zone that makes the time look right", "expired at time", in_blob([](const std::string& m) {
                       return replaced(replaced(m, "2026-06-01T12:05:00Z", "2026-06-01T12:05:00+02:00"),
                                       "2026-06-01T11:55:00Z", "2026-06-01T11:55:00+02:00");
                   })});
}

auto attacks() -> std::vector<attack>
{
    auto all = std::vector<attack>{};
    add_text_attacks(all);
    add_frame_attacks(all);
    add_key_attacks(all);
    add_signature_attacks(all);
    add_operation_attacks(all);
    return all;
}

} // namespace

TEST_CASE("what is genuine is accepted, with every kind of key")
{
    for (const auto kind : every_key_kind) {
        INFO(type_of(kind));
        CHECK(verdict(judged(genuine(kind))) == "accepted");
    }
}

TEST_CASE("every attack ends at its stage, with its code")
{
    const auto all = attacks();
    CHECK(all.size() > 100);
    for (const auto& one : all) {
        INFO(one.name);
        const auto made = judged(one.bring());
        INFO((made ? std::string{} : describe(made.error())));
        CHECK(verdict(made) == one.expected);
    }
}

TEST_CASE("an envelope that ends at any byte is malformed")
{
    const auto whole = envelope_for(key_of(key_kind::sk_p256), text_of(some_operation())).bytes();
    for (auto size = std::size_t{0}; size < whole.size(); ++size) {
        CHECK(verdict(judged({armor_of(whole.substr(0, size)), text_of(some_operation())})) == "malformed at armor");
    }
}

TEST_CASE("a nonce is used up for every signature over it: another encoding, hash, key or operation")
{
    auto store = tests::store_in_memory{};
    const auto claim = [&](const brought& what) {
        return verdict(judged(what).and_then([&](timely&& op) { return store.claim(std::move(op)); }));
    };
    REQUIRE(claim(genuine()) == "accepted");
    const auto replay = "replay at nonce"s;
    CHECK(claim(genuine()) == replay);
    CHECK(claim(genuine(key_kind::p256)) == replay);
    CHECK(claim(genuine(key_kind::p256)) == replay); // another k, another signature
    CHECK(claim(genuine(key_kind::rsa)) == replay);
    const auto blob = text_of(some_operation());
    CHECK(claim({armor_of(envelope_for(key_of(key_kind::ed25519), blob, "felhom-op-v1", message_hash::sha256).bytes()),
                 blob})
          == replay);
    CHECK(claim(signed_by(key_kind::ed25519, blob + " ")) == replay);
    CHECK(claim(in_operation([](operation& op) { op.op = "guest.restore"; })()) == replay);
    CHECK(claim(in_operation([](operation& op) { op.expires_at += std::chrono::hours{1}; })()) == replay);
    store.reopen();
    CHECK(claim(genuine()) == replay);
}
