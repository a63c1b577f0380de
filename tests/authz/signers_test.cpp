// SPDX-License-Identifier: Apache-2.0
#include "authz/support/test_key.hpp"
#include "authz/support/vectors.hpp"
#include "support/catch.hpp"

#include <felhom/authz/signers/signers_json.hpp>

#include <string>

using namespace felhom;
using namespace felhom::authz;

namespace {

constexpr auto op_1 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAhqYyyihyPCidSdW/y9z25/DMpmiI6mji/QAWEJmoPv op";

auto configured() -> signer_settings
{
    return {.authorized_key = op_1, .tag = signer_tag::operational, .key_id = "op-1"};
}

/// What becomes of a good signature under these settings.
auto judged(const signer_settings& settings, const char* name = "pos-op-ed25519-sha256") -> std::string
{
    const auto& one = vectors::cases().at(name);
    const auto listed = signers::load({settings});
    REQUIRE(listed.has_value());
    return vectors::verdict(verify({.armor = one.armor, .blob = one.blob}, *listed, one.here, one.now, one.policy));
}

} // namespace

TEST_CASE("a signer may sign only what was granted")
{
    auto settings = configured();
    settings.operations = {"guest.restore", "guest.destroy"};
    CHECK(judged(settings) == "ok");
    settings.operations = {"guest.restore"};
    CHECK(judged(settings) == "UnknownSigner");
    settings.operations.emplace();
    CHECK(judged(settings) == "UnknownSigner");
}

TEST_CASE("a signer may sign from valid_after on, and before valid_before")
{
    const auto now = vectors::cases().at("pos-op-ed25519-sha256").now;
    const auto a_moment = std::chrono::milliseconds{1};
    auto settings = configured();
    settings.term = {.valid_after = now, .valid_before = now + a_moment};
    CHECK(judged(settings) == "ok");
    settings.term = {.valid_after = now + a_moment};
    CHECK(judged(settings) == "UnknownSigner");
    settings.term = {.valid_before = now};
    CHECK(judged(settings) == "UnknownSigner");
}

TEST_CASE("verify-required demands that the token verified its user")
{
    const auto& token = vectors::listed("all")->all().at(8)->settings();
    REQUIRE(token.key_id == "op-9");
    auto settings = token;
    CHECK(judged(settings, "pos-op-sk-ecdsa-sha256") == "ok");
    settings.authorized_key = "verify-required " + settings.authorized_key;
    CHECK(judged(settings, "pos-op-sk-ecdsa-sha256") == "BadSignature");
}

TEST_CASE("one key may be listed once only, whatever its comment, tag and id")
{
    auto again = configured();
    again.authorized_key = std::string{op_1} + " under another name";
    again.tag = signer_tag::recovery;
    again.key_id = "op-2";
    CHECK(signers::load({configured(), again}).error()
          == signers_error{1, bad_field{"public key", 0, "a key that is listed once", "the key of \"op-1\" again"}});
}

TEST_CASE("one bad line refuses all signers, and is named")
{
    auto bad = configured();
    bad.authorized_key = "from=\"10.0.0.1\" " + bad.authorized_key;
    const auto loaded = signers::load({configured(), bad});
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().index == 1);
    CHECK(loaded.error().what.field == "option");
}

TEST_CASE("a file of signers is an array of objects, which may hold notes of their author")
{
    const auto file = [](const std::string& members) {
        return R"([{"authorized_key":")" + std::string{op_1} + "\"," + members + "}]";
    };
    const auto loaded =
        parse_signers_file(file(R"("tag":"recovery","key_id":"op-1","name":"in the safe","operations":["guest.destroy"],
                "valid_after":"2026-01-01T00:00:00Z","valid_before":"2027-01-01T00:00:00+01:00")"));
    REQUIRE(loaded.has_value());
    CHECK(loaded->all().front()->settings()
          == signer_settings{.authorized_key = op_1,
                             .tag = signer_tag::recovery,
                             .key_id = "op-1",
                             .operations = {{"guest.destroy"}},
                             .term = {.valid_after = parse_instant("2026-01-01T00:00:00Z").value(),
                                      .valid_before = parse_instant("2026-12-31T23:00:00Z").value()}});
    CHECK(parse_signers_file("[]").has_value());
    for (const auto& text :
         {std::string{"{}"}, std::string{"nonsense"}, file(R"("tag":"operational")"),
          file(R"("tag":"boss","key_id":"a")"), file(R"("tag":"operational","key_id":1)"),
          file(R"("tag":"operational","key_id":"a","operations":"all")"),
          file(R"("tag":"operational","key_id":"a","operations":[1])"),
          file(R"("tag":"operational","key_id":"a","valid_after":"soon")"),
          file(R"("tag":"operational","key_id":"a","key_id":"b")"), file(R"("tag":"operational","key_id":"")"),
          file(R"("tag":"operational","key_id":"a\u001b[2J")"),
          file(R"("tag":"operational","key_id":"a","operations":[])"),
          file(R"("tag":"operational","key_id":"a","operations":["guest destroy"])"),
          file(R"("tag":"operational","key_id":"a","valid_after":"2027-01-01T00:00:00Z",
                                     "valid_before":"2026-01-01T00:00:00Z")")}) {
        INFO(text);
        CHECK_FALSE(parse_signers_file(text).has_value());
    }
}

TEST_CASE("a mistyped limit refuses the file of signers, for the signer would be unlimited, while a note is allowed")
{
    const auto with = [](const std::string& member) {
        return parse_signers_file(R"([{"authorized_key":")" + std::string{op_1} + R"(","tag":"recovery","key_id":"k",")"
                                  + member + R"(":["guest.destroy"]}])");
    };
    for (const auto& [member, meant] : {std::pair{"operatons", "operations"},
                                        {"operation", "operations"},
                                        {"Operations", "operations"},
                                        {"operations ", "operations"},
                                        {"ops", "operations"},
                                        {"allowed", "operations"},
                                        {"valid-before", "valid_before"},
                                        {"validBefore", "valid_before"},
                                        {"valid_until", "valid_after"},
                                        {"not_after", "valid_before"},
                                        {"expires", "valid_before"},
                                        {"expires_at", "valid_before"},
                                        {"valid_from", "valid_after"},
                                        {"not_before", "valid_before"},
                                        {"VALID_AFTER", "valid_after"},
                                        {"tags", "tag"},
                                        {"keyid", "key_id"},
                                        {"authorised_key", "authorized_key"}}) {
        INFO(member);
        const auto read = with(member);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error()
              == signers_file_error{json_unknown_member{.path = "$[0]." + std::string{member}, .nearest = meant}});
    }
    for (const auto* note : {"name", "comment", "note", "notes", "description", "owner", "email", "team", "contact",
                             "serial", "added", "id", "type", "role", "location", "_x"}) {
        INFO(note);
        CHECK(with(note).has_value());
    }
}

TEST_CASE("a key that OpenSSL would take, and that is none, is refused when it is loaded")
{
    const auto why_refused = [](std::string_view type, const std::string& fields) {
        auto settings = configured();
        settings.authorized_key = std::string{type} + " " + encode_base64(wire_string(type) + fields);
        const auto loaded = signers::load({settings});
        return loaded ? std::string{"loaded"} : loaded.error().what.expected + ": " + loaded.error().what.got;
    };
    const auto application = wire_string("ssh:");
    for (const auto* type : {"ssh-ed25519", "sk-ssh-ed25519@openssh.com"}) {
        const auto tail = std::string_view{type}.starts_with("sk-") ? application : std::string{};
        const auto point = [&](const std::string& y) { return why_refused(type, wire_string(y) + tail); };
        for (const auto& small : authz::detail::small_order) {
            CHECK(point(std::string(small.begin(), small.end()))
                      .starts_with("a reduced point that is not of small order"));
        }
        // Of the numbers from 2 to 11, these are no y of any point; OpenSSL imports and approves them all.
        for (auto y = char{2}; y < 12; ++y) {
            const auto is_none = y == 2 || y == 7 || y == 8 || y == 11;
            CHECK(point(std::string(1, y) + std::string(31, '\0'))
                  == (is_none ? "a key that OpenSSL accepts: a number that is no point of the curve" : "loaded"));
        }
    }
    // 2^2047 + 1 is divisible by 3: import takes it, the public check does not.
    const auto exponent = wire_mpint(std::string("\x01\x00\x01", 3));
    CHECK(why_refused("ssh-rsa", exponent + wire_mpint("\x80" + std::string(254, '\0') + "\x01"))
          == "a key that OpenSSL accepts: a key that fails its check");
    // A point off the curve.
    CHECK(why_refused("ecdsa-sha2-nistp256", wire_string("nistp256") + wire_string("\x04" + std::string(64, '\1')))
          == "a key that OpenSSL accepts: numbers that are no such key");
}
