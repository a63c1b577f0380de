// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/replay/replay_error.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/operate/effect.hpp>
#include <felhom/operate/gate/authorization.hpp>
#include <felhom/operate/gate/gate.hpp>
#include <felhom/operate/gate/gate_refusal.hpp>
#include <felhom/operate/node_context.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/operation_record.hpp>
#include <felhom/operate/operation/operation_record_json.hpp>
#include <felhom/operate/operation/postcondition.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/call_and_verify.hpp>
#include <felhom/operate/procedures/fresh_look.hpp>
#include <felhom/operate/procedures/judge.hpp>
#include <felhom/operate/procedures/node_survey.hpp>
#include <felhom/operate/procedures/own_task.hpp>
#include <felhom/operate/procedures/read_facts.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/reconcile/plan/action_outcome.hpp>

#include <optional>
#include <string>
#include <utility>
#include <variant>

// What an operator signed, carried out.
namespace felhom::operate {

/// The gate said no, for good or for now; nothing was recorded and the nonce is still free.
struct operation_refused {
    gate_refusal why;

    friend auto operator==(const operation_refused&, const operation_refused&) -> bool = default;
};

/// The nonce was used before, or may have been.
struct nonce_refused {
    authz::replay_error why;

    friend auto operator==(const nonce_refused&, const nonce_refused&) -> bool = default;
};

/// It was begun, under this number, and this came of it.
struct executed {
    operation_id id;
    action_outcome outcome;
    std::string remark = {}; ///< what else became of the guest

    friend auto operator==(const executed&, const executed&) -> bool = default;
};

using signed_outcome = std::variant<operation_refused, nonce_refused, executed>;

namespace detail {

/// For whoever finds the guest so: it was stopped for an operation that then did not come to its end.
[[nodiscard]] inline auto remark_on_stop(bool has_stopped, const action_outcome& outcome) -> std::string
{
    return has_stopped && !reconcile::is_achieved(outcome) ? "; the guest was stopped for it" : "";
}

/// What a fresh look forbade for good. An operation that waited until it expired says for what.
[[nodiscard]] inline auto call_off(const gate_refusal& why, const std::optional<gate_refusal>& waited_for)
    -> action_outcome
{
    return reconcile::called_off{.cause = std::string{code_of(why)},
                                 .why = describe(why)
                                        + (waited_for ? "; until then " + describe(*waited_for) : std::string{})};
}

} // namespace detail

/// Carries out what was authorized. In front of each call, also of one that is repeated and of the stop before a
/// destroy, the guest is read anew and the owner is asked anew. What passes is waited for, in the guest's lane, until
/// the operation expires.
[[nodiscard]] inline auto perform(authorization op, operation_id id, gate_policy policy, node_context at)
    -> procedure<executed>
{
    const auto guest = op.guest();
    const auto wanted = postcondition_of(op.what());
    auto done = executed{.id = id, .outcome = reconcile::not_started{}};
    auto waited_for = std::optional<gate_refusal>{};
    for (auto looks = 1U, calls = 1U;; ++looks) {
        const auto seen = co_await take_fresh_look::of(at.node, guest, op.what());
        auto next = gate::clear(std::move(op), seen, policy, at.node);
        if (!next) {
            auto& [still, why] = next.error();
            if (!is_transient(why)) {
                done.outcome = detail::call_off(why, waited_for);
                done.remark = detail::remark_on_stop(still.has_stopped(), done.outcome);
                co_return done;
            }
            waited_for = std::move(why);
            op = std::move(still);
            static_cast<void>(co_await wait_for_another(looks, at.patience));
            continue;
        }
        waited_for.reset();
        auto& [call, rest] = *next;
        auto answer = co_await send_once{std::move(call)};
        if (!answer) {
            op = gate::again(std::move(rest), answer.error());
            continue;
        }
        const auto shown = rest.only_stops() ? shown_by(guest_stop{}) : wanted;
        auto of = attempt{.id = id, .guest = guest, .wanted = shown, .begun = seen.around().now};
        auto one = co_await follow_up(*std::move(answer), std::move(of), at);
        const auto has_stopped = rest.has_stopped();
        const auto* const achieved = std::get_if<reconcile::achieved>(&one.outcome);
        auto more = std::optional<authorization>{};
        if (rest.only_stops() && achieved != nullptr) {
            more = gate::go_on(std::move(rest), *achieved);
            calls = 0;
        } else if (one.nothing_done && calls < at.patience.most_calls) {
            more = gate::again(std::move(rest), *one.nothing_done);
        }
        if (!more) {
            done.outcome = std::move(one.outcome);
            done.remark = detail::remark_on_stop(has_stopped, done.outcome);
            co_return done;
        }
        op = *std::move(more);
        if (one.nothing_done) {
            static_cast<void>(co_await wait_for_another(calls, at.patience));
        }
        ++calls;
    }
}

/// One signed operation from its signatures to its result, inside its guest's lane: verify and gate, one durable record
/// of nonce and start, execute, read back, record.
[[nodiscard]] inline auto execute_signed(signature_set submitted, gate_policy policy, node_context at)
    -> procedure<signed_outcome>
{
    const auto first = co_await look_around{};
    const auto heard = gate::examine(submitted, first, policy);
    if (!heard) {
        co_return operation_refused{heard.error()};
    }
    auto facts = co_await read_facts(at.node, heard->guest(), heard->what());
    if (!facts) {
        co_return operation_refused{facts_unread{std::move(facts).error()}};
    }
    if (std::holds_alternative<guest_set_config>(heard->what())) {
        const auto node = co_await read_node_facts(at.node, at.patience);
        if (!node) {
            co_return operation_refused{facts_unread{"its node: " + proxmox::describe(node.error().why)}};
        }
        at.facts = *node;
    }
    // Reading took its time: what the owner says, who may sign and what time it is are looked at once more.
    const auto now = co_await look_around{};
    auto held = gate::examine(submitted, now, policy);
    if (!held) {
        co_return operation_refused{std::move(held).error()};
    }
    auto passed = gate::admit(*std::move(held), *std::move(facts));
    if (!passed) {
        co_return operation_refused{std::move(passed).error()};
    }
    const auto id = co_await draw_number{};
    const auto claim = passed->claim(id, now.now);
    const auto record = to_payload(claim);
    if (!record) {
        co_return operation_refused{too_long_to_record{felhom::describe(record.error())}};
    }
    const auto receipt = co_await claim_nonce{claim.nonce, claim.expires_at, *record};
    if (!receipt) {
        co_return nonce_refused{receipt.error()};
    }
    auto authorized = authorization::by_receipt(*std::move(passed), *record, *receipt);
    if (!authorized) {
        co_return nonce_refused{authz::claim_not_recorded{"the log's receipt is for another record"}};
    }
    auto done = co_await perform(*std::move(authorized), id, policy, at);
    static_cast<void>(co_await note_end(id, done.outcome, {}, done.remark));
    co_return done;
}

} // namespace felhom::operate
