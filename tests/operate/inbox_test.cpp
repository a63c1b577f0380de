// SPDX-License-Identifier: Apache-2.0
#include "operate/signing.hpp"
#include "support/catch.hpp"

#include <felhom/operate/procedures/inbox.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::operate;
using namespace felhom::testing;

namespace {

/// A signed operation as a file, which others bring under a name.
auto brought(std::string source, const signature_set& submitted) -> submitted_bundle
{
    auto text = authz::write_bundle({.blob = submitted.blob, .armor = submitted.armors.front()});
    REQUIRE(text.has_value());
    return {.source = std::move(source), .text = *std::move(text)};
}

auto a_stop(const std::string& nonce = std::string(32, '5')) -> operation_builder
{
    auto op = operation_builder{"guest.stop", 101};
    op.with_nonce(nonce);
    return op;
}

/// What the gate says against these signatures at noon.
auto refusal_of(const signature_set& submitted, const host_switches& now = quiet_noon()) -> gate_refusal
{
    auto heard = gate::examine(submitted, now, gate_here());
    REQUIRE_FALSE(heard.has_value());
    return std::move(heard).error();
}

/// Whether the refusal is kept under the hash of the operation itself.
auto binds_the_operation(const signature_set& submitted, const host_switches& now = quiet_noon()) -> bool
{
    const auto blob = *sha256(submitted.blob);
    return key_of(refusal_of(submitted, now), submitted, blob) == blob;
}

} // namespace

TEST_CASE("bundles for the same bytes are one operation with every signature, and each file is known by its name")
{
    const auto one = a_stop().signed_by(operator_key);
    const auto other = a_stop().signed_by(recovery_key);
    const auto sorted = gather({brought("1.bundle", one), brought("2.bundle", other)}, noon);
    REQUIRE(sorted.signature_sets.size() == 1);
    CHECK(sorted.signature_sets.front().blob == sha256(one.blob));
    CHECK(sorted.signature_sets.front().submitted.blob == one.blob);
    CHECK(sorted.signature_sets.front().submitted.armors == std::vector{one.armors.front(), other.armors.front()});
    CHECK(sorted.signature_sets.front().sources == std::vector<std::string>{"1.bundle", "2.bundle"});
    CHECK(sorted.unreadable.empty());
}

TEST_CASE("operations that differ stand by themselves, in the order in which they were submitted")
{
    const auto first = a_stop(std::string(32, 'b')).signed_by(operator_key);
    const auto second = a_stop(std::string(32, 'a')).signed_by(operator_key);
    const auto sorted =
        gather({brought("1.bundle", first), brought("2.bundle", second), brought("3.bundle", first)}, noon);
    REQUIRE(sorted.signature_sets.size() == 2);
    CHECK(sorted.signature_sets[0].submitted.blob == first.blob);
    CHECK(sorted.signature_sets[0].sources == std::vector<std::string>{"1.bundle", "3.bundle"});
    CHECK(sorted.signature_sets[1].submitted.blob == second.blob);
    CHECK(sorted.signature_sets[1].sources == std::vector<std::string>{"2.bundle"});
}

TEST_CASE("what is no bundle is refused for good under its own hash, and keeps nobody else's from being read")
{
    const auto whole = a_stop().signed_by(operator_key);
    for (const auto* const text : {"", "no JSON", "[]", "{}", R"({"operation":"x"})", R"({"signature":"x"})",
                                   R"({"operation":1,"signature":"x"})"}) {
        INFO(text);
        const auto sorted = gather({{.source = "1.bundle", .text = text}, brought("2.bundle", whole)}, noon);
        CHECK(sorted.signature_sets.size() == 1);
        REQUIRE(sorted.unreadable.size() == 1);
        CHECK(sorted.unreadable.front().source == "1.bundle");
        const auto& answer = sorted.unreadable.front().answer;
        CHECK(answer.blob == sha256(text));
        CHECK(answer.state == signed_state::refused);
        CHECK(answer.is_final());
        CHECK(answer.code == "malformed");
        CHECK(answer.at == noon);
        CHECK(answer.detail.starts_with("not a bundle: "));
    }
}

TEST_CASE("what is said of a file that is no bundle is one line, whatever stands in it")
{
    const auto sorted = gather({{.source = "1.bundle", .text = "{\"\n\x1b[2J" + std::string(100'000, 'x')}}, noon);
    REQUIRE(sorted.unreadable.size() == 1);
    const auto& detail = sorted.unreadable.front().answer.detail;
    CHECK(detail.find_first_of("\n\x1b") == std::string::npos);
    CHECK(detail.size() < 1000);
}

TEST_CASE("a signature that is nobody's cannot have an operation refused under the operation's own hash")
{
    CHECK_FALSE(binds_the_operation(a_stop().signed_by(stranger_key)));
    auto damaged = a_stop().signed_by(operator_key);
    damaged.armors.front() = "no armor";
    CHECK_FALSE(binds_the_operation(damaged));
    auto of_other_bytes = a_stop().signed_by(operator_key);
    of_other_bytes.blob += " ";
    CHECK_FALSE(binds_the_operation(of_other_bytes));
}

TEST_CASE("such a refusal is kept under the operation with just these signatures")
{
    const auto strange = a_stop().signed_by(stranger_key);
    auto damaged = strange;
    damaged.armors.front() += "x";
    const auto key = [](const signature_set& submitted) {
        return key_of(refusal_of(submitted), submitted, *sha256(submitted.blob));
    };
    CHECK(key(strange) == key(strange));
    CHECK(key(strange) != key(damaged));
}

/// The first operator may sign starts and nothing else; the second may sign all.
auto with_a_limited_operator() -> host_switches
{
    auto now = quiet_noon();
    now.signers = std::make_shared<const authz::signers>(*authz::signers::load({
        {.authorized_key = operator_key.line(),
         .tag = authz::signer_tag::operational,
         .key_id = "op-1",
         .operations = std::vector<std::string>{"guest.start"}},
        {.authorized_key = second_operator_key.line(), .tag = authz::signer_tag::operational, .key_id = "op-2"},
    }));
    return now;
}

TEST_CASE("a signer who may not sign an operation cannot have it refused under the operation's own hash")
{
    CHECK_FALSE(binds_the_operation(a_stop().signed_by(operator_key), with_a_limited_operator()));
    CHECK_FALSE(binds_the_operation(a_stop().on_host("host-b").signed_by(operator_key), with_a_limited_operator()));
}

TEST_CASE("beside signatures without authority, that of an operator decides what is said of the operation")
{
    const auto elsewhere = a_stop().on_host("host-b");
    for (const auto* const other : {&operator_key, &stranger_key}) {
        const auto both = elsewhere.signed_by({other, &second_operator_key});
        CHECK(code_of(refusal_of(both, with_a_limited_operator())) == "target");
        CHECK(binds_the_operation(both, with_a_limited_operator()));
    }
}

TEST_CASE("a refusal of what an operator did sign is kept under the operation's hash")
{
    CHECK(binds_the_operation(a_stop().on_host("host-b").signed_by(operator_key)));
    CHECK(binds_the_operation(
        a_stop().valid(noon - std::chrono::hours{2}, noon - std::chrono::hours{1}).signed_by(operator_key)));
    auto vetoed = quiet_noon();
    vetoed.vetoed = "not this week";
    CHECK(binds_the_operation(
        operation_builder{"guest.destroy", 101}.seen_at(std::string(40, 'a')).signed_by(operator_key), vetoed));
}

TEST_CASE("each signature for an operation is a file of its own, and the same signature again is the same file")
{
    const auto blob = *sha256("an operation");
    const auto one = bundle_name(blob, *sha256("one signature"));
    CHECK(one == bundle_name(blob, *sha256("one signature")));
    CHECK(one != bundle_name(blob, *sha256("another signature")));
    CHECK(one != bundle_name(*sha256("another operation"), *sha256("one signature")));
    CHECK(one.ends_with(bundle_ending));
}

TEST_CASE("a result's file is named by its hash")
{
    CHECK(result_name(*sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.json");
    CHECK(unproven_result_name(*sha256(""))
          == "unproven-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.json");
}
