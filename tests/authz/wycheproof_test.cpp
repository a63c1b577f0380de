// SPDX-License-Identifier: Apache-2.0
#include "authz/support/vectors.hpp"
#include "support/catch.hpp"

#include <felhom/authz/sshsig/verify_signature.hpp>

#include <charconv>
#include <map>
#include <string>
#include <string_view>

using namespace felhom::authz;

namespace {

auto bytes_of_base64(std::string_view text) -> std::string
{
    const auto bytes = decode_base64(text);
    REQUIRE(bytes.has_value());
    return {bytes->begin(), bytes->end()};
}

auto bytes_of_hex(std::string_view text) -> std::string
{
    auto bytes = std::string{};
    for (; !text.empty(); text.remove_prefix(2)) {
        auto octet = 0U;
        REQUIRE(std::from_chars(text.data(), text.data() + 2, octet, 16).ec == std::errc{});
        bytes += static_cast<char>(octet);
    }
    return bytes;
}

auto import(const std::string& blob) -> tl::expected<verifying_key, bad_field>
{
    static const auto hashes = digests::fetch();
    return public_key::parse(blob).and_then([](const public_key& key) { return verifying_key::import(key, hashes); });
}

} // namespace

TEST_CASE("every Wycheproof vector gets the verdict of a strict verifier")
{
    auto keys = std::map<std::string, tl::expected<verifying_key, bad_field>>{};
    auto run = std::size_t{0};
    for (const auto* name :
         {"ed25519", "ecdsa-nistp256", "ecdsa-nistp384", "ecdsa-nistp521", "rsa2048-sha256", "rsa2048-sha512",
          "rsa3072-sha256", "rsa3072-sha512", "rsa4096-sha256", "rsa4096-sha512", "rsa8192-sha256", "rsa8192-sha512"}) {
        const auto document = vectors::json("wycheproof/" + std::string{name} + ".json");
        for (const auto& one : document.at("tests").as_array()) {
            INFO(name << " " << one.at("tc").as_int64() << " " << vectors::text(one, "comment"));
            const auto pub = vectors::text(one, "pub");
            auto key = keys.find(pub);
            if (key == keys.end()) {
                key = keys.emplace(pub, import(bytes_of_base64(pub))).first;
            }
            const auto valid = key->second.has_value()
                               && verify_signature(*key->second, bytes_of_base64(vectors::text(one, "sig")),
                                                   bytes_of_hex(vectors::text(one, "msg")), token_demand::presence)
                                      .has_value();
            CHECK(valid == (vectors::text(one, "strict") == "valid"));
            ++run;
        }
    }
    CHECK(run == 3028);
}
