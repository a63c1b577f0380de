#pragma once

#include <felhom/operate/gate.hpp>
#include <felhom/operate/node_survey.hpp>
#include <felhom/operate/operation_call.hpp>
#include <felhom/operate/operation_record_json.hpp>
#include <felhom/operate/undertake.hpp>
#include <felhom/proxmox/mutate.hpp>

#include <optional>
#include <string>
#include <utility>
#include <variant>

// What an operator signed, carried out.
namespace felhom::operate {

/// The gate said no, for good or for now; nothing was recorded and the nonce is still free.
struct turned_away {
    gate_refusal why;

    friend auto operator==(const turned_away&, const turned_away&) -> bool = default;
};

/// The nonce was used before, or may have been.
struct nonce_refused {
    authz::replay_error why;

    friend auto operator==(const nonce_refused&, const nonce_refused&) -> bool = default;
};

/// It was begun, under this number, and this came of it.
struct carried_out {
    operation_id id;
    action_outcome outcome;

    friend auto operator==(const carried_out&, const carried_out&) -> bool = default;
};

using signed_outcome = std::variant<turned_away, nonce_refused, carried_out>;

/// Stops the guest and looks whether it is still the one that was signed for: since Proxmox VE's destroy takes no
/// digest, this is as close to the call as a look can come.
[[nodiscard]] inline auto stop_before(operation_id id, vmid guest, present_guest before, workplace at)
    -> procedure<std::optional<action_outcome>>
{
    using result = std::optional<action_outcome>;
    auto stop = proxmox::mutate::stop(at.node, guest);
    const auto wanted = expectation{guest_is{proxmox::power_state::stopped}};
    auto stopped = co_await undertake(std::move(stop), wanted, id, guest, at);
    if (!reconcile::is_achieved(stopped)) {
        co_return result{std::move(stopped)};
    }
    const auto now = co_await read_guest(at.node, guest);
    if (!now || !*now) {
        co_return result{reconcile::not_begun{"the guest was stopped, and could not be read again: "
                                              + (now ? "it is gone" : now.error())}};
    }
    if (!come_to_the_same(before.config, (*now)->config)) {
        co_return result{reconcile::not_begun{"the guest was changed while it was stopped; it is left stopped"}};
    }
    co_return result{};
}

/// Carries out what was authorized.
[[nodiscard]] inline auto perform(authorization op, operation_id id, workplace at) -> procedure<action_outcome>
{
    const auto guest = op.guest();
    const auto wanted = expectation_of(op.call());
    if (!wanted) {
        co_return reconcile::not_begun{"no read would show its effect"};
    }
    const auto* const destroy = std::get_if<guest_destroy>(&op.what());
    const auto& present = op.facts().guest;
    if (destroy != nullptr && present && present->power == proxmox::power_state::running) {
        auto trouble = co_await stop_before(id, guest, *present, at);
        if (trouble) {
            co_return *std::move(trouble);
        }
    }
    auto request = gate::request_of(std::move(op), at.node);
    co_return co_await undertake(std::move(request), *wanted, id, guest, at);
}

/// One signed operation from its signatures to its result, inside its guest's lane: verify and gate, one durable record
/// of nonce and start, execute, read back, record.
[[nodiscard]] inline auto carry_out_signed(ballot cast, gate_policy policy, workplace at) -> procedure<signed_outcome>
{
    const auto first = co_await look_around{};
    const auto heard = gate::examine(cast, first, policy);
    if (!heard) {
        co_return turned_away{heard.error()};
    }
    auto facts = co_await read_facts(at.node, heard->guest(), heard->what());
    if (!facts) {
        co_return turned_away{facts_unread{std::move(facts).error()}};
    }
    if (std::holds_alternative<guest_set_config>(heard->what())) {
        const auto node = co_await read_node_facts(at.node, at.patience);
        if (!node) {
            co_return turned_away{facts_unread{"its node: " + proxmox::describe(node.error().why)}};
        }
        at.facts = *node;
    }
    // Reading took its time: what the owner says, who may sign and what time it is are looked at once more.
    const auto now = co_await look_around{};
    auto held = gate::examine(cast, now, policy);
    if (!held) {
        co_return turned_away{std::move(held).error()};
    }
    auto passed = gate::admit(*std::move(held), *std::move(facts));
    if (!passed) {
        co_return turned_away{std::move(passed).error()};
    }
    const auto id = co_await draw_number{};
    const auto claim = passed->claim(id, now.now);
    const auto record = to_payload(claim);
    if (!record) {
        co_return turned_away{too_long_to_record{felhom::describe(record.error())}};
    }
    const auto receipt = co_await claim_nonce{claim.nonce, claim.expires_at, *record};
    if (!receipt) {
        co_return nonce_refused{receipt.error()};
    }
    auto authorized = authorization::by_receipt(*std::move(passed), *record, *receipt);
    if (!authorized) {
        co_return nonce_refused{authz::claim_not_recorded{"the log's receipt is for another record"}};
    }
    auto outcome = co_await perform(*std::move(authorized), id, at);
    static_cast<void>(co_await note_end(id, outcome));
    co_return carried_out{.id = id, .outcome = std::move(outcome)};
}

} // namespace felhom::operate
