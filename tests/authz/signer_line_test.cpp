// SPDX-License-Identifier: Apache-2.0
#include "authz/support/vectors.hpp"
#include "support/catch.hpp"

#include <felhom/authz/signers/signer_line.hpp>

#include <string>

namespace signer_line_tests {

using namespace felhom::authz;

namespace {

constexpr auto ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKoHyHbreYSTeVy0nuVxVnw5salXlR5dD0w0As448N/b";
constexpr auto sk_ed25519 = "sk-ssh-ed25519@openssh.com "
                            "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIMnO+ytRU9pwY7kUE1cWKRKRXGOWmNbNnyNOB9M8IxGt"
                            "AAAABHNzaDo=";

} // namespace

TEST_CASE("every signer line of the vectors is taken or refused as expected")
{
    const auto lines = vectors::json("signer-lines.json");
    for (const auto& one : lines.as_array()) {
        const auto line = vectors::text(one, "line");
        INFO(line);
        const auto parsed = parse_signer_line(line);
        REQUIRE(parsed.has_value() == (vectors::text(one, "expected") == "ok"));
        if (parsed) {
            CHECK(encode_base64(parsed->key()) == vectors::text(one, "blob"));
            const auto options = one.as_object().contains("options") && one.at("options").is_string()
                                     ? vectors::text(one, "options")
                                     : std::string{};
            CHECK((parsed->demand == token_demand::presence_and_verification) == (options == "verify-required"));
        }
    }
}

TEST_CASE("option names are case-insensitive, and blanks may surround the key")
{
    const auto line = std::string{"  Verify-Required,verify-required \t"} + sk_ed25519 + "\t a comment\r\n";
    const auto parsed = parse_signer_line(line);
    REQUIRE(parsed.has_value());
    CHECK(parsed->demand == token_demand::presence_and_verification);
    CHECK(parsed->comment == "a comment");
}

TEST_CASE("an option that signing does not know is refused by its name and place")
{
    const auto parsed = parse_signer_line(std::string{"verify-required,from=\"a b\" "} + sk_ed25519);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error() == bad_field{"option", 16, "verify-required, the only option of signers", "\"from\""});
}

TEST_CASE("options that are empty, end in a comma or never end are refused")
{
    for (const auto* options : {",", "verify-required,", ",verify-required", "\"", "verify-required\\\"", "#"}) {
        INFO(options);
        CHECK_FALSE(parse_signer_line(std::string{options} + " " + sk_ed25519).has_value());
    }
}

TEST_CASE("verify-required is refused on a key that lives in no token, for nothing could fulfil it")
{
    CHECK_FALSE(parse_signer_line(std::string{"verify-required "} + ed25519).has_value());
}

TEST_CASE("a line with a NUL or a second line in it is refused")
{
    for (const auto& inner : {std::string{"\n"}, std::string{"\r"}, std::string(1, '\0')}) {
        CHECK_FALSE(parse_signer_line(ed25519 + std::string{" comment"} + inner + ed25519).has_value());
    }
}

TEST_CASE("a comment may hold a fingerprint")
{
    CHECK(parse_signer_line(std::string{ed25519} + " alice SHA256:abc").has_value());
    CHECK(parse_signer_line(std::string{"verify-required "} + sk_ed25519 + " alice SHA256:abc MD5:00").has_value());
}

TEST_CASE("certificates and webauthn keys are refused by name")
{
    const auto type_only = [](const std::string& type) {
        auto blob = std::string(3, '\0') + static_cast<char>(type.size()) + type;
        return public_key::parse(blob);
    };
    CHECK(type_only("ssh-ed25519-cert-v01@openssh.com").error().expected
          == "a plain key: certificates are not accepted");
    CHECK(type_only("webauthn-sk-ecdsa-sha2-nistp256@openssh.com").error().expected
          == "a plain key: webauthn is not accepted");
}

TEST_CASE("a text of another form is told to be one, and what to take of it")
{
    const auto got = [](const std::string& text) {
        const auto parsed = parse_signer_line(text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().expected == "a line as in authorized_keys");
        CHECK(parsed.error().got.find("AAAAC3") == std::string::npos);
        return parsed.error().got;
    };
    const auto key = std::string{ed25519};
    CHECK(got("nobody@example.com namespaces=\"felhom-op-v1\" " + key)
          == "a line of allowed_signers or known_hosts; take what begins with ssh-ed25519 at byte 45");
    CHECK(got("nobody@example.com " + key)
          == "a line of allowed_signers or known_hosts; take what begins with ssh-ed25519 at byte 19");
    CHECK(got("* valid-after=\"20260101\",namespaces=\"a b\"\t" + key + " a comment")
          == "a line of allowed_signers or known_hosts; take what begins with ssh-ed25519 at byte 42");
    CHECK(got("[pve.example]:22,10.0.0.1 " + std::string{sk_ed25519})
          == "a line of allowed_signers or known_hosts; take what begins with sk-ssh-ed25519@openssh.com at byte 26");
    CHECK(got("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----")
          == "an RFC 4716 file; `ssh-keygen -i -f FILE` makes a line of it");
    CHECK(got("-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n")
          == "a PEM file; `ssh-keygen -i -m PKCS8 -f FILE` makes a line of it");
    CHECK(got("256 SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA nobody@example.com (ED25519)")
          == "a fingerprint, which is not the key; take the line in the key's .pub file");
    CHECK(got("SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
          == "a fingerprint, which is not the key; take the line in the key's .pub file");
    CHECK(got("ssh-ed25519-cert-v01@openssh.com AAAAIHNz")
          == "a certificate, which is not accepted; take the plain key");
    CHECK(got("AAAAB3NzaC1lZDI1NTE5") == "base64 without the type of the key before it");
    CHECK(got("ssh-dss AAAAB3Nz") == "no type of a key that may sign operations");
    CHECK(got("\xEF\xBB\xBF" + key) == "a UTF-8 byte order mark before it; save it without");
    CHECK(got(" \t") == "nothing");
}

TEST_CASE("a private key is told to be one, and no byte of it is shown")
{
    for (const auto* const begin : {"-----BEGIN OPENSSH PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----",
                                    "-----BEGIN EC PRIVATE KEY-----", "PuTTY-User-Key-File-3: ssh-ed25519"}) {
        const auto parsed = parse_signer_line(std::string{begin} + "\nb3BlbnNzaC1rZXktdjE\n");
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().got.starts_with("a private key"));
        CHECK(parsed.error().got.find("b3Blbn") == std::string::npos);
    }
}

TEST_CASE("a line that is several says what stands in it, and where")
{
    const auto got = [](const std::string& text) {
        const auto parsed = parse_signer_line(text);
        REQUIRE_FALSE(parsed.has_value());
        return parsed.error();
    };
    const auto key = std::string{ed25519};
    CHECK(got(key + "\n\n") == bad_field{"line", key.size(), "one line of text", "a newline"});
    CHECK(got(key + "\r\r\n") == bad_field{"line", key.size(), "one line of text", "a carriage return"});
    CHECK(got(key + " \x1b") == bad_field{"line", key.size() + 1, "one line of text", "a control character"});
    CHECK(got(key + " " + std::string(1, '\0')) == bad_field{"line", key.size() + 1, "one line of text", "a NUL"});
}

TEST_CASE("blanks and tabs around a key and its parts are taken, as OpenSSH does")
{
    const auto key = std::string{ed25519};
    const auto blank = key.find(' ');
    for (const auto& line : {"\t" + key, "  " + key + " \t", key.substr(0, blank) + "\t" + key.substr(blank + 1),
                             key.substr(0, blank) + " \t " + key.substr(blank + 1) + "\ta comment"}) {
        INFO(line);
        CHECK(parse_signer_line(line).has_value());
    }
}

TEST_CASE("a line of 16 KiB is read, and a byte more is refused unread")
{
    const auto with_comment = [](std::size_t size) {
        return parse_signer_line(ed25519 + (" " + std::string(size - std::string_view{ed25519}.size() - 1, 'c')));
    };
    CHECK(with_comment(16'384).has_value());
    CHECK(with_comment(16'385).error() == bad_field{"line", 16'384, "at most 16384 bytes", "16385 bytes"});
}

} // namespace signer_line_tests
