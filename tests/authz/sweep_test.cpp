// SPDX-License-Identifier: Apache-2.0
#include "authz/support/vectors.hpp"
#include "support/catch.hpp"

#include <cstddef>
#include <string>
#include <vector>

using namespace felhom::authz;

namespace {

auto prefixes(const std::string& whole) -> std::vector<std::string>
{
    auto all = std::vector<std::string>{};
    for (auto size = std::size_t{0}; size < whole.size(); ++size) {
        all.push_back(whole.substr(0, size));
    }
    return all;
}

auto with_a_flipped_bit(const std::string& whole) -> std::vector<std::string>
{
    auto all = std::vector<std::string>{};
    for (auto bit = std::size_t{0}; bit < whole.size() * 8; ++bit) {
        auto mutant = whole;
        mutant[bit / 8] = static_cast<char>(mutant[bit / 8] ^ (1 << (bit % 8)));
        all.push_back(mutant);
    }
    return all;
}

auto with_a_byte_more(const std::string& whole) -> std::vector<std::string>
{
    auto all = std::vector<std::string>{};
    for (auto at = std::size_t{0}; at <= whole.size(); ++at) {
        for (const auto byte : {'\x00', '\xff'}) {
            all.push_back(whole.substr(0, at) + byte + whole.substr(at));
        }
    }
    return all;
}

auto with_a_byte_less(const std::string& whole) -> std::vector<std::string>
{
    auto all = std::vector<std::string>{};
    for (auto at = std::size_t{0}; at < whole.size(); ++at) {
        all.push_back(whole.substr(0, at) + whole.substr(at + 1));
    }
    return all;
}

auto rearmored(std::vector<std::string> envelopes) -> std::vector<std::string>
{
    for (auto& one : envelopes) {
        one = vectors::armored_text(one);
    }
    return envelopes;
}

/// The mutants of a case's signature that are accepted nevertheless, by their place in the sweep.
auto accepted(vectors::vector_case base, const std::vector<std::string>& mutants) -> std::vector<std::size_t>
{
    auto indices = std::vector<std::size_t>{};
    for (auto at = std::size_t{0}; at < mutants.size(); ++at) {
        base.armor = mutants[at];
        if (vectors::run(base)) {
            indices.push_back(at);
        }
    }
    return indices;
}

} // namespace

TEST_CASE("of every prefix of a signature file, only the one that lacks just the last newline is accepted")
{
    const auto& base = vectors::cases().at("pos-op-ed25519-sha512");
    const auto mutants = prefixes(base.armor);
    REQUIRE(mutants.size() == 306);
    CHECK(accepted(base, mutants) == std::vector<std::size_t>{305});
}

TEST_CASE("no prefix of a signature is accepted, and none with a bit flipped")
{
    const auto& base = vectors::cases().at("pos-op-ed25519-sha512");
    const auto envelope = vectors::disarmed(base.armor);
    REQUIRE(prefixes(envelope).size() == 182);
    REQUIRE(with_a_flipped_bit(envelope).size() == 1456);
    CHECK(accepted(base, rearmored(prefixes(envelope))).empty());
    CHECK(accepted(base, rearmored(with_a_flipped_bit(envelope))).empty());
}

TEST_CASE("no signature of any type is accepted with a bit flipped, a byte more or a byte less")
{
    for (const auto* name : {"pos-op-nistp256-sha256", "pos-op-skreal-ed25519-sha256", "pos-op-sk-ecdsa-sha512"}) {
        INFO(name);
        const auto& base = vectors::cases().at(name);
        const auto envelope = vectors::disarmed(base.armor);
        CHECK(accepted(base, rearmored(with_a_flipped_bit(envelope))).empty());
        CHECK(accepted(base, rearmored(with_a_byte_more(envelope))).empty());
        CHECK(accepted(base, rearmored(with_a_byte_less(envelope))).empty());
    }
}

TEST_CASE("a flipped bit in the armor's text is never accepted")
{
    const auto& base = vectors::cases().at("pos-op-ed25519-sha512");
    CHECK(accepted(base, with_a_flipped_bit(base.armor)).empty());
}
