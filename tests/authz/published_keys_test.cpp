// SPDX-License-Identifier: Apache-2.0
#include "authz/support/operators.hpp"
#include "authz/support/vectors.hpp"
#include "support/catch.hpp"

#include <felhom/authz/keys/published_keys.hpp>
#include <felhom/authz/rehearsal.hpp>
#include <felhom/authz/signers/signer_line.hpp>

#include <boost/algorithm/hex.hpp>

#include <array>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

using namespace felhom;
using namespace felhom::authz;

namespace {

/// Sections 7.1 and 7.2 of RFC 8032: the private keys.
constexpr auto rfc_8032_secrets = std::array<std::string_view, 6>{
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
    "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    "0305334e381af78f141cb666f6199f57bc3495335a256a95bd2a55bf546663f6",
};

auto key_of_rfc_8032(std::string_view secret = rfc_8032_secrets.front()) -> test_key
{
    auto bytes = std::string{};
    boost::algorithm::unhex(secret.begin(), secret.end(), std::back_inserter(bytes));
    return test_key{bytes};
}

/// What is said to a configured key, or "loaded".
auto answer_to(const std::string& line) -> std::string
{
    const auto loaded = signers::load({{.authorized_key = line, .tag = signer_tag::operational, .key_id = "op-1"}});
    return loaded ? "loaded" : describe(loaded.error().what);
}

auto refusal_of(std::string_view publication) -> std::string
{
    return describe(bad_field{"public key", 0, "a key that nobody but its owner can sign with",
                              "a key of " + std::string{publication} + ", whose private half is published"});
}

auto publication_of_blob(const std::string& blob) -> std::string
{
    const auto key = public_key::parse(blob);
    REQUIRE(key.has_value());
    return std::string{publication_of(*key).value_or("nowhere")};
}

} // namespace

TEST_CASE("a signer's key that stands in RFC 8032 with its private half is refused, and the RFC is named")
{
    for (const auto secret : rfc_8032_secrets) {
        CHECK(answer_to(key_of_rfc_8032(secret).line()) == refusal_of("RFC 8032, section 7"));
    }
}

TEST_CASE("a published key is refused in the type of a token's key, too: who has its private half needs no token")
{
    const auto point = key_of_rfc_8032().blob().substr(wire_string("ssh-ed25519").size());
    const auto in_token = wire_string("sk-ssh-ed25519@openssh.com") + point + wire_string("ssh:");
    CHECK(answer_to("sk-ssh-ed25519@openssh.com " + encode_base64(in_token)) == refusal_of("RFC 8032, section 7"));
}

TEST_CASE("one published key refuses the whole list of signers")
{
    const auto own = signer_settings{
        .authorized_key = key_of(key_kind::ed25519).line(), .tag = signer_tag::operational, .key_id = "op-1"};
    auto published = own;
    published.authorized_key = key_of_rfc_8032().line();
    const auto loaded = signers::load({own, published});
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().index == 1);
}

TEST_CASE("the keys of OpenSSH's own tests are refused by name")
{
    auto lines = std::istringstream{vectors::file("published/openssh.pub")};
    auto count = 0;
    for (auto line = std::string{}; std::getline(lines, line); ++count) {
        CHECK(answer_to(line) == refusal_of("OpenSSH's own tests"));
    }
    CHECK(count == 20);
}

TEST_CASE("the keys of the Wycheproof vectors are refused by name")
{
    auto names = std::map<std::string, int>{};
    for (const auto* const file :
         {"ed25519", "ecdsa-nistp256", "ecdsa-nistp384", "ecdsa-nistp521", "rsa2048-sha256", "rsa2048-sha512",
          "rsa3072-sha256", "rsa3072-sha512", "rsa4096-sha256", "rsa4096-sha512", "rsa8192-sha256", "rsa8192-sha512"}) {
        const auto document = vectors::json(std::string{"wycheproof/"} + file + ".json");
        for (const auto& test : document.at("tests").as_array()) {
            const auto blob = decode_base64(vectors::text(test, "pub"));
            REQUIRE(blob.has_value());
            if (const auto key = public_key::parse({blob->data(), blob->size()})) {
                ++names[std::string{publication_of(*key).value_or("nowhere")}];
            }
        }
    }
    CHECK(names["nowhere"] == 0);
    CHECK(names["the Wycheproof test vectors"] > 2000);
}

TEST_CASE("the keys of this project's tests, whose seed is one byte 32 times, are refused by name")
{
    for (auto byte = 0; byte < 256; ++byte) {
        CHECK(publication_of_blob(test_key{std::string(32, static_cast<char>(byte))}.blob())
              == "felhom-agent's own tests");
    }
}

TEST_CASE("a new key of any kind is published nowhere")
{
    for (const auto kind : every_key_kind) {
        CHECK(publication_of_blob(key_of(kind).blob()) == "nowhere");
        CHECK(answer_to(key_of(kind).line()) == "loaded");
    }
}

TEST_CASE("nothing is signed with a published key: what it signs would be refused everywhere")
{
    const auto blob = text_of(some_operation());
    const auto said = rehearse({.blob = blob, .armor = sign_message(key_of_rfc_8032(), blob)});
    REQUIRE_FALSE(said.has_value());
    CHECK(describe(said.error()).find("RFC 8032") != std::string::npos);
}
