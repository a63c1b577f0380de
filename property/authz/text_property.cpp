// SPDX-License-Identifier: Apache-2.0
#include "authz/support/generators.hpp"
#include "authz/support/test_key.hpp"
#include "support/rapidcheck.hpp"

#include <felhom/authz/keys/public_key.hpp>
#include <felhom/authz/operation/canonicalize.hpp>
#include <felhom/authz/signers/signer_line.hpp>
#include <felhom/authz/sshsig/base64.hpp>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::authz;

TEST_CASE("an operation is read back from its text")
{
    rc::prop("parse after write is identity", [] {
        const auto op = *gen::operation();
        const auto text = write_operation(op);
        RC_ASSERT(text.has_value());
        RC_ASSERT((parse_operation(*text, std::chrono::hours{24}) == op));
        RC_ASSERT((canonicalize(*text, {}) == *text));
    });
}

TEST_CASE("canonical text does not depend on the order of the members, and is its own canonical text")
{
    rc::prop("canonicalize is idempotent and order-free", [] {
        const auto members = *gen::params();
        auto turned = boost::json::object{};
        for (auto at = members.size(); at > 0; --at) {
            const auto& member = *std::next(members.begin(), static_cast<std::ptrdiff_t>(at - 1));
            turned[member.key()] = member.value();
        }
        const auto text = canonical_json(members);
        RC_ASSERT(text.has_value());
        RC_ASSERT((canonical_json(turned) == text));
        RC_ASSERT((canonicalize(*text, {}) == *text));
    });
}

TEST_CASE("a canonical number is the same number, and the JSON of itself")
{
    rc::prop("every finite double survives", [] {
        const auto bits = *rc::gen::weightedOneOf<std::uint64_t>(
            {{3, rc::gen::arbitrary<std::uint64_t>()},
             {2, rc::gen::map(rc::gen::inRange(-30, 30),
                              [](int power) { return std::bit_cast<std::uint64_t>(std::pow(10.0, power)); })},
             {1, rc::gen::map(rc::gen::arbitrary<std::int32_t>(),
                              [](auto n) { return std::bit_cast<std::uint64_t>(static_cast<double>(n)); })}});
        const auto number = std::bit_cast<double>(bits);
        RC_PRE(std::isfinite(number));
        const auto text = canonical_number(number);
        auto back = 0.0;
        std::from_chars(text.data(), text.data() + text.size(), back);
        RC_ASSERT(back == number);
        RC_ASSERT((canonicalize(text, {}) == text));
    });
}

TEST_CASE("bytes have one base64 text, and only that text gives them")
{
    rc::prop("decode after encode is identity", [] {
        const auto bytes = *rc::gen::container<std::vector<char>>(rc::gen::arbitrary<char>());
        const auto text = encode_base64({bytes.data(), bytes.size()});
        RC_ASSERT((decode_base64(text) == bytes));

        auto other = text;
        other.insert(*rc::gen::inRange<std::size_t>(0, text.size() + 1), 1,
                     *rc::gen::element('=', ' ', '\n', '-', '_', 'A', '\0', '\xff'));
        const auto decoded = decode_base64(other);
        RC_ASSERT((!decoded || encode_base64({decoded->data(), decoded->size()}) == other));
    });
}

TEST_CASE("a key blob that is read is the encoding of what was read, whatever bytes come")
{
    rc::prop("write after parse is identity", [] {
        const auto line = *rc::gen::element<std::string>(
            "AAAAC3NzaC1lZDI1NTE5AAAAIKoHyHbreYSTeVy0nuVxVnw5salXlR5dD0w0As448N/b",
            "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIMnO+ytRU9pwY7kUE1cWKRKRXGOWmNbNnyNOB9M8IxGtAAAABHNzaDo=");
        auto blob = *decode_base64(line);
        const auto at = *rc::gen::inRange<std::size_t>(0, blob.size());
        const auto byte = *rc::gen::weightedOneOf<char>({{1, rc::gen::arbitrary<char>()}, {3, rc::gen::just('\5')}});
        if (*rc::gen::arbitrary<bool>()) {
            blob.insert(std::next(blob.begin(), static_cast<std::ptrdiff_t>(at)), byte);
        } else {
            blob[at] = byte;
        }
        const auto read = public_key::parse({blob.data(), blob.size()});
        if (!read) {
            return;
        }
        auto written = wire_string(read->type());
        if (const auto* const plain = std::get_if<ed25519_key>(&read->material())) {
            written += wire_string(plain->point);
        } else if (const auto* const token = std::get_if<sk_ed25519_key>(&read->material())) {
            written += wire_string(token->point) + wire_string(token->application);
        }
        RC_ASSERT(written == read->blob());
    });
}
