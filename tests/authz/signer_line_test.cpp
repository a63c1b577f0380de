#include "authz/support/vectors.hpp"
#include "support/catch.hpp"

#include <felhom/authz/signer_line.hpp>

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

TEST_CASE("a line of 16 KiB is read, and a byte more is refused unread")
{
    const auto with_comment = [](std::size_t size) {
        return parse_signer_line(ed25519 + (" " + std::string(size - std::string_view{ed25519}.size() - 1, 'c')));
    };
    CHECK(with_comment(16'384).has_value());
    CHECK(with_comment(16'385).error() == bad_field{"line", 16'384, "at most 16384 bytes", "16385 bytes"});
}

} // namespace signer_line_tests
