// SPDX-License-Identifier: Apache-2.0
#include "golden.hpp"

#include <felhom/authz/error.hpp>
#include <felhom/authz/operation/bundle.hpp>
#include <felhom/authz/operation/operation_name.hpp>
#include <felhom/authz/pipeline.hpp>
#include <felhom/authz/signers/signers_json.hpp>
#include <felhom/operate/operation/operation_params.hpp>
#include <felhom/operate/operation/signed_result.hpp>

#include <chrono>
#include <set>

using namespace felhom;
using namespace felhom::golden;

namespace {

/// The file that holds the bundle of an operation.
auto bundle_file(std::string_view op) -> std::string
{
    const auto name = op.starts_with("guest.") ? op.substr(std::string_view{"guest."}.size()) : op;
    return "bundles/" + std::string{name} + ".bundle";
}

/// A bundle in the middle of its window, and who may sign.
struct signed_then {
    authz::bundle both;
    authz::operation op;
    instant when;
};

auto bundle_of(std::string_view op) -> signed_then
{
    INFO(op);
    const auto both = authz::parse_bundle(text_of(bundle_file(op)));
    REQUIRE(both.has_value());
    const auto read = authz::parse_operation(both->blob, authz::time_policy{}.longest_window);
    REQUIRE(read.has_value());
    return {.both = *both, .op = *read, .when = read->not_before + std::chrono::minutes{1}};
}

auto signers_then() -> authz::signers
{
    auto listed = authz::parse_signers_file(text_of("signers.json"));
    REQUIRE(listed.has_value());
    return *std::move(listed);
}

auto verified(const signed_then& bundle, const authz::signers& listed) -> tl::expected<authz::timely, authz::error>
{
    return authz::verify({.armor = bundle.both.armor, .blob = bundle.both.blob}, listed, *host_id::parse("host-a"),
                         bundle.when, {});
}

auto results() -> std::vector<operate::signed_result>
{
    auto all = std::vector<operate::signed_result>{};
    for (const auto& file : std::filesystem::directory_iterator{folder / "results"}) {
        const auto name = file.path().filename().string();
        auto result = operate::parse_signed_result(text_of("results/" + name));
        INFO(name);
        REQUIRE(result.has_value());
        CHECK(name.find(to_hex(result->blob)) != std::string::npos);
        all.push_back(*std::move(result));
    }
    return all;
}

} // namespace

TEST_CASE("a bundle of every operation that felhom-sign 0.1.0 could sign, as it wrote it, verifies and means the same")
{
    const auto listed = signers_then();
    for (const auto op : authz::operation_names) {
        if (op == operate::guest_resize::name) {
            continue; // came later
        }
        INFO(op);
        const auto bundle = bundle_of(op);
        CHECK(bundle.op.op == op);
        const auto accepted = verified(bundle, listed);
        REQUIRE(accepted.has_value());
        CHECK(accepted->by().key_id() == "op-1");
        CHECK(operate::parse_signed_operation(op, accepted->what().params).has_value());
    }
}

TEST_CASE("a bundle of 0.1.0 with one letter changed does not verify")
{
    auto bundle = bundle_of("guest.destroy");
    bundle.both.blob.replace(bundle.both.blob.find("101"), 3, "102");
    CHECK_FALSE(verified(bundle, signers_then()).has_value());
}

TEST_CASE("the nonces in a store of 0.1.0 are refused, and so is what its horizon covers, and a new one is taken, once")
{
    const auto log = kept_log{"nonce-store/nonces"};
    auto opened = io::replay_store::open(io::system_disk(), log.path(), "the test");
    REQUIRE(opened.has_value());
    auto& store = **opened;
    CHECK(store.opening().nonces == 2);
    CHECK(store.opening().torn == std::nullopt);
    REQUIRE(store.opening().horizon.has_value());
    for (const auto* const used : {"guest.stop", "guest.rollback"}) {
        const auto op = bundle_of(used).op;
        const auto again = store.claim(op.nonce, op.expires_at);
        REQUIRE_FALSE(again.has_value());
        CHECK(std::holds_alternative<authz::nonce_seen>(again.error()));
    }
    const auto forgotten = *authz::nonce::parse(std::string(32, 'f'));
    CHECK_FALSE(store.claim(forgotten, *store.opening().horizon).has_value());
    const auto fresh = bundle_of("guest.restore").op;
    CHECK(store.claim(fresh.nonce, fresh.expires_at).has_value());
    CHECK_FALSE(store.claim(fresh.nonce, fresh.expires_at).has_value());
}

TEST_CASE("the results of 0.1.0 are read, and those of begun operations name them as the journal has them")
{
    const auto all = ledger_of("whole");
    auto states = std::multiset<operate::signed_state>{};
    for (const auto& result : results()) {
        states.insert(result.state);
        if (result.operation) {
            const auto* const known = all.find(*result.operation);
            REQUIRE(known != nullptr);
            REQUIRE(known->claim.has_value());
            CHECK(known->claim->blob == result.blob);
            REQUIRE(known->end.has_value());
            CHECK(operate::state_of(known->end->how) == result.state);
        }
    }
    CHECK(states.count(operate::signed_state::succeeded) == 7);
    CHECK(states.count(operate::signed_state::failed) == 1);
    CHECK(states.count(operate::signed_state::refused) == 1);
    CHECK(states.size() == 9);
}
