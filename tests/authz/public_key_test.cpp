// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/authz/keys/import_key.hpp>
#include <felhom/authz/keys/public_key.hpp>
#include <felhom/authz/sshsig/base64.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace public_key_tests {

using namespace felhom::authz;

namespace {

auto field(std::string_view bytes) -> std::string
{
    const auto size = static_cast<std::uint32_t>(bytes.size());
    auto text = std::string{};
    for (const auto shift : {24U, 16U, 8U, 0U}) {
        text += static_cast<char>(size >> shift);
    }
    return text.append(bytes);
}

auto ed25519(const std::string& little_endian_y) -> bool
{
    return public_key::parse(field("ssh-ed25519") + field(little_endian_y)).has_value();
}

auto rsa(const std::string& e, const std::string& n) -> std::string
{
    const auto key = public_key::parse(field("ssh-rsa") + field(e) + field(n));
    return key ? "ok" : key.error().field;
}

/// 2^(bits-1) + 1, as an mpint.
auto modulus(std::size_t bits) -> std::string
{
    auto bytes = std::string((bits + 7) / 8, '\0');
    bytes.front() = static_cast<char>(1U << ((bits - 1) % 8));
    bytes.back() = static_cast<char>(bytes.back() | 1);
    return (bits % 8 == 0 ? std::string(1, '\0') : std::string{}) + bytes;
}

const auto usual_e = std::string{"\x01\x00\x01", 3};

} // namespace

TEST_CASE("Ed25519 points of small order are refused with either sign, and so is every y that is not reduced")
{
    auto good = std::string(32, '\0');
    good.front() = '\3';
    CHECK(ed25519(good));
    const auto with_either_sign = [](std::string y) {
        const auto plain = ed25519(y);
        y.back() = static_cast<char>(y.back() | '\x80');
        return plain || ed25519(y);
    };
    for (const auto& small : authz::detail::small_order) {
        CHECK_FALSE(with_either_sign(std::string(small.begin(), small.end())));
    }
    for (auto above = 0; above < 19; ++above) {
        auto y = std::string(32, '\xff');
        y.front() = static_cast<char>(0xed + above);
        y.back() = '\x7f';
        CHECK_FALSE(with_either_sign(y));
    }
    auto below_p = std::string(32, '\xff');
    below_p.front() = '\xeb';
    below_p.back() = '\x7f';
    CHECK(ed25519(below_p));
}

TEST_CASE("RSA keys have 2048 to 8192 bits, and an odd modulus")
{
    CHECK(rsa(usual_e, modulus(2048)) == "ok");
    CHECK(rsa(usual_e, modulus(8192)) == "ok");
    CHECK(rsa(usual_e, modulus(2047)) == "rsa modulus");
    CHECK(rsa(usual_e, modulus(8193)) == "rsa modulus");
    auto even = modulus(2048);
    even.back() = '\2';
    CHECK(rsa(usual_e, even) == "rsa modulus");
}

TEST_CASE("what is wrong with a key is told in words, never with bytes of the key")
{
    const auto why = [](const std::string& blob) {
        const auto key = public_key::parse(blob);
        REQUIRE_FALSE(key.has_value());
        return key.error().got;
    };
    const auto rsa_blob = [](const std::string& e, const std::string& n) {
        return field("ssh-rsa") + field(e) + field(n);
    };
    CHECK(why(rsa_blob(usual_e, modulus(1024))) == "1024 bits");
    auto even = modulus(2048);
    even.back() = '\2';
    CHECK(why(rsa_blob(usual_e, even)) == "an even number of 2048 bits");
    CHECK(why(rsa_blob("\x03", modulus(2048))) == "2 bits");
    CHECK(why(field("ssh-ed25519") + field(std::string(31, '\xab'))) == "31 bytes");
    CHECK(why(field("ssh-ed25519") + field(std::string(32, '\0'))) == "another one");
    CHECK(why(field("ecdsa-sha2-nistp256") + field("nistp256") + field(std::string(33, '\2'))) == "33 bytes");
    CHECK(why(field("ecdsa-sha2-nistp256") + field("nistp256") + field(std::string(65, '\2')))
          == "one of its size that is not uncompressed");
    CHECK(why(field("ecdsa-sha2-nistp256") + field("nistp384")) == "\"nistp384\"");
    CHECK(why(field("ecdsa-sha2-nistp256") + field(std::string(9, '\xff'))) == "9 bytes");
    CHECK(why(field("ssh-dss")) == "\"ssh-dss\"");
    CHECK(why(field(std::string(40, '\xab'))) == "40 bytes");
    CHECK(why(rsa_blob(usual_e, modulus(2048)) + "secret") == "6 bytes more");
}

TEST_CASE("RSA exponents are odd, at least 65537 and below 2^32")
{
    const auto exponent = [](std::string_view e) { return rsa(std::string{e}, modulus(2048)); };
    using namespace std::string_view_literals;
    CHECK(exponent("\x01\x00\x01"sv) == "ok");
    CHECK(exponent("\x00\xff\xff\xff\xff"sv) == "ok");
    for (const auto e :
         {"\x01"sv, "\x03"sv, "\x00\xff\xff"sv, "\x01\x00\x00"sv, "\x01\x00\x00\x00\x01"sv, ""sv, "\xff"sv}) {
        CHECK(exponent(e) == "rsa exponent");
    }
}

TEST_CASE("numbers that are negative or not minimal are refused, for one key has one blob")
{
    CHECK(rsa(std::string(1, '\0') + usual_e, modulus(2048)) == "rsa exponent");
    CHECK(rsa(usual_e, std::string(1, '\0') + modulus(2048)) == "rsa modulus");
    CHECK(rsa(usual_e, modulus(2048).substr(1)) == "rsa modulus");
}

TEST_CASE("ECDSA points are uncompressed, on the curve, and the curve's name repeats the type")
{
    const auto blob = decode_base64("AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBM5Y+8wOFMlSlN2phbxaGOQBOu8ckq"
                                    "Kyk6kyte16eg+eolo+k4JND96WkKgj/VkY8dcaV/xgWoHanZDcbgYSc0g=");
    REQUIRE(blob.has_value());
    const auto point = std::string{blob->end() - 65, blob->end()};
    const auto judged = [](std::string_view type, std::string_view curve, std::string_view p) -> std::string {
        const auto text = field(type) + field(curve) + field(p);
        const auto key = public_key::parse(text);
        return !key ? key.error().field : is_on_its_curve(key->material()) ? "ok" : "off the curve";
    };
    CHECK(judged("ecdsa-sha2-nistp256", "nistp256", point) == "ok");
    CHECK(judged("ecdsa-sha2-nistp256", "nistp384", point) == "curve");
    CHECK(judged("ecdsa-sha2-nistp384", "nistp384", point) == "ecdsa point");
    CHECK(judged("ecdsa-sha2-nistp256", "nistp256", std::string(1, '\0')) == "ecdsa point");
    auto changed = point;
    for (const auto form : {'\2', '\3', '\6', '\7'}) {
        changed.front() = form;
        CHECK(judged("ecdsa-sha2-nistp256", "nistp256", changed) == "ecdsa point");
        CHECK(judged("ecdsa-sha2-nistp256", "nistp256", changed.substr(0, 33)) == "ecdsa point");
    }
    changed = point;
    changed.back() = static_cast<char>(changed.back() ^ 1);
    CHECK(judged("ecdsa-sha2-nistp256", "nistp256", changed) == "off the curve");
    std::fill(changed.begin() + 1, changed.end(), '\xff');
    CHECK(judged("ecdsa-sha2-nistp256", "nistp256", changed) == "off the curve");
}

TEST_CASE("signature algorithms, other key types and types with a NUL are no key types")
{
    for (const auto& type :
         {std::string{"rsa-sha2-512"}, std::string{"ssh-dss"}, std::string{"ssh-ed25519\0", 12},
          std::string{"SSH-ED25519"}, std::string{"ssh-mldsa44-ed25519@openssh.com"}, std::string{}}) {
        CHECK(public_key::parse(field(type) + field(std::string(32, '\3'))).error().field == "key type");
    }
}

} // namespace public_key_tests
