// SPDX-License-Identifier: Apache-2.0
#include "operate/signing.hpp"
#include "support/catch.hpp"

#include <felhom/operate/operation/signed_result.hpp>

#include <boost/json/serialize.hpp>

#include <array>
#include <optional>
#include <string>
#include <utility>

using namespace felhom;
using namespace felhom::operate;
using namespace felhom::testing;

namespace {

const auto some_blob = *sha256("some operation");

auto result_in(signed_state state) -> signed_result
{
    return {.blob = some_blob, .state = state, .at = noon, .code = "locked", .detail = "one line"};
}

auto state_after(signed_outcome outcome) -> signed_state
{
    return result_of(outcome, some_blob, noon).state;
}

auto state_after_doing(action_outcome outcome) -> signed_state
{
    return state_after(executed{.id = operation_id{7}, .outcome = std::move(outcome)});
}

auto claimed_operation() -> operation_state
{
    auto known = ledger{};
    known.fold(operation_started{.id = operation_id{7},
                                 .at = noon,
                                 .guest = *vmid::from_number(101),
                                 .from = origin::reconcile,
                                 .what = guest_stop{}});
    return *known.find(operation_id{7});
}

} // namespace

TEST_CASE("a result that was stored reads back as it was, in each of its states")
{
    for (const auto state : {signed_state::waiting, signed_state::refused, signed_state::running,
                             signed_state::succeeded, signed_state::failed, signed_state::unknown}) {
        auto result = result_in(state);
        INFO(text_of(state));
        CHECK(parse_signed_result(boost::json::serialize(to_json(result))) == result);
        result.operation = operation_id{7};
        CHECK(parse_signed_result(boost::json::serialize(to_json(result))) == result);
    }
}

TEST_CASE("what is no result is not read as one")
{
    CHECK_FALSE(parse_signed_result("").has_value());
    CHECK_FALSE(parse_signed_result("[]").has_value());
    for (const auto* const missing : {"blob_sha256", "state", "at", "code", "detail"}) {
        INFO(missing);
        auto object = to_json(result_in(signed_state::failed));
        object.erase(missing);
        CHECK_FALSE(parse_signed_result(boost::json::serialize(object)).has_value());
    }
    auto object = to_json(result_in(signed_state::failed));
    object["state"] = "perhaps";
    CHECK_FALSE(parse_signed_result(boost::json::serialize(object)).has_value());
}

TEST_CASE("only what waits and what runs may still change")
{
    CHECK_FALSE(result_in(signed_state::waiting).is_final());
    CHECK_FALSE(result_in(signed_state::running).is_final());
    CHECK(result_in(signed_state::refused).is_final());
    CHECK(result_in(signed_state::succeeded).is_final());
    CHECK(result_in(signed_state::failed).is_final());
    CHECK(result_in(signed_state::unknown).is_final());
}

TEST_CASE("a refusal that passes is waited out, and one that stays is for good")
{
    const auto paused = result_of(operation_refused{agent_paused{"holidays"}}, some_blob, noon);
    CHECK(paused.state == signed_state::waiting);
    CHECK(paused.code == "paused");
    CHECK(state_after(operation_refused{hub_blocked{}}) == signed_state::waiting);
    CHECK(state_after(operation_refused{guest_is_locked{"backup"}}) == signed_state::waiting);
    CHECK(state_after(operation_refused{facts_unread{"the connection broke"}}) == signed_state::waiting);
    CHECK(state_after(operation_refused{quorum_incomplete{{"1 more signature"}}}) == signed_state::waiting);
    const auto vetoed = result_of(operation_refused{owner_vetoed{"no"}}, some_blob, noon);
    CHECK(vetoed.state == signed_state::refused);
    CHECK(vetoed.code == "veto");
    CHECK(state_after(operation_refused{digest_differs{.expected = "a", .found = "b"}}) == signed_state::refused);
    CHECK(state_after(nonce_refused{authz::nonce_seen{"5f"}}) == signed_state::refused);
    CHECK(state_after(nonce_refused{authz::within_horizon{.expires_at = noon, .horizon = noon}})
          == signed_state::refused);
    CHECK(state_after(nonce_refused{authz::claim_not_recorded{"the disk is full"}}) == signed_state::waiting);
    CHECK(state_after(nonce_refused{authz::memory_full{.limit = 1}}) == signed_state::waiting);
}

TEST_CASE("what was carried out stands as it ended, with its number")
{
    CHECK(state_after_doing(reconcile::achieved{}) == signed_state::succeeded);
    CHECK(state_after_doing(reconcile::no_effect{"still running"}) == signed_state::failed);
    CHECK(state_after_doing(reconcile::not_started{"no"}) == signed_state::failed);
    CHECK(state_after_doing(reconcile::outcome_unknown{"no answer"}) == signed_state::unknown);
    const auto done = result_of(executed{.id = operation_id{7}, .outcome = reconcile::achieved{}}, some_blob, noon);
    CHECK(done.operation == operation_id{7});
    CHECK(done.blob == some_blob);
    CHECK(done.at == noon);
    CHECK(done.code.empty());
}

TEST_CASE("what the journal knows of an operation is its result: running until its end is recorded")
{
    auto known = claimed_operation();
    CHECK(result_of(known, some_blob).state == signed_state::running);
    CHECK(result_of(known, some_blob).operation == operation_id{7});
    known.end = operation_ended{
        .id = operation_id{7}, .at = noon + std::chrono::minutes{1}, .how = ending::unknown, .detail = "no answer"};
    const auto result = result_of(known, some_blob);
    CHECK(result.state == signed_state::unknown);
    CHECK(result.at == noon + std::chrono::minutes{1});
    CHECK(result.detail == "no answer");
}

TEST_CASE("what was called off before its call has failed, with the code of what forbade it, here and in the journal")
{
    const auto off = action_outcome{reconcile::called_off{.cause = "veto", .why = "not this week"}};
    const auto done = result_of(
        executed{.id = operation_id{7}, .outcome = off, .remark = "; the guest was stopped for it"}, some_blob, noon);
    CHECK(done.state == signed_state::failed);
    CHECK(done.code == "veto");
    CHECK(done.detail == "not carried out: not this week; its nonce is used: sign again; the guest was stopped for it");
    auto known = claimed_operation();
    known.end = operation_ended{
        .id = operation_id{7}, .at = noon, .how = ending::failed, .detail = done.detail, .code = "veto"};
    CHECK(result_of(known, some_blob).code == "veto");
}

TEST_CASE("a refusal that time or another signer may change does not bar another judgement")
{
    const auto refused = [](std::string code) {
        auto result = result_in(signed_state::refused);
        result.code = std::move(code);
        return result;
    };
    CHECK_FALSE(bars_another_judgement(refused("expired")));
    CHECK_FALSE(bars_another_judgement(refused("unknown_signer")));
    CHECK_FALSE(bars_another_judgement(refused("replay.store")));
    CHECK(bars_another_judgement(refused("veto")));
    CHECK(bars_another_judgement(refused("replay.seen")));
    auto failed = refused("expired");
    failed.state = signed_state::failed; // it was begun: its nonce is used
    CHECK(bars_another_judgement(failed));
}
