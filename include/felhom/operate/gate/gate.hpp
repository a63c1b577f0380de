// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/error.hpp>
#include <felhom/authz/keys/fingerprint.hpp>
#include <felhom/authz/pipeline.hpp>
#include <felhom/authz/signers/quorum.hpp>
#include <felhom/authz/signers/signer_settings.hpp>
#include <felhom/authz/sshsig/wire.hpp>
#include <felhom/authz/stage.hpp>
#include <felhom/core/contains.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/sha256.hpp>
#include <felhom/operate/gate/authorization.hpp>
#include <felhom/operate/gate/gate_refusal.hpp>
#include <felhom/operate/gate/guest_facts.hpp>
#include <felhom/operate/host_switches.hpp>
#include <felhom/operate/obstacle.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/operation_record.hpp>
#include <felhom/operate/operation/params_error.hpp>
#include <felhom/operate/operation/reversibility.hpp>
#include <felhom/operate/operation/signed_params.hpp>
#include <felhom/operate/procedures/did_nothing.hpp>
#include <felhom/operate/procedures/fresh_look.hpp>
#include <felhom/operate/procedures/send_once.hpp>
#include <felhom/proxmox/api/destructive.hpp>
#include <felhom/proxmox/api/mutate.hpp>
#include <felhom/proxmox/model/config_changes.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/reconcile/plan/action_outcome.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::operate {

/// The only maker of requests that take something away for good.
class gate {
public:
    /// The verifier's stages 1 to 8 for each signature, and everything that the host's owner demands. Signatures that
    /// do not hold are void; one that holds is enough to be heard.
    [[nodiscard]] static auto examine(const signature_set& submitted, const host_switches& now,
                                      const gate_policy& policy) -> tl::expected<examined, gate_refusal>
    {
        auto signatures = verify(submitted, now, policy);
        if (!signatures) {
            return tl::unexpected(std::move(signatures).error());
        }
        const auto& signed_as = signatures->front().what();
        auto what = parse_signed_operation(signed_as.op, signed_as.params);
        if (!what) {
            return refuse(wrong_params{std::move(what).error()});
        }
        const auto cost = cost_of(recorded_as(*what)).what;
        if (cost == reversibility::destructive && now.vetoed) {
            return refuse(owner_vetoed{*now.vetoed});
        }
        if (cost == reversibility::destructive && now.veto_unread) {
            return refuse(veto_unread{*now.veto_unread});
        }
        if (needs_digest(signed_as, *what, policy) && !signed_as.expected_digest) {
            return refuse(digest_required{});
        }
        if (auto missing =
                authz::missing_signatures(authz::quorum_of(policy.quorums, signed_as.op), tags_of(*signatures));
            !missing.empty()) {
            return refuse(quorum_incomplete{std::move(missing)});
        }
        if (now.paused) {
            return refuse(agent_paused{*now.paused});
        }
        if (now.blocked) {
            return refuse(hub_blocked{});
        }
        const auto blob = sha256(submitted.blob);
        if (!blob) {
            return refuse(facts_unread{"SHA-256 is not available"});
        }
        return examined{submitted, *std::move(signatures), *std::move(what), *blob};
    }

    /// The signatures that hold, of an operation that needs more of them than there are.
    [[nodiscard]] static auto signatures_of(const signature_set& submitted, const host_switches& now,
                                            const gate_policy& policy) -> std::vector<signature_counted>
    {
        auto counted = std::vector<signature_counted>{};
        const auto signatures = verify(submitted, now, policy);
        const auto blob = sha256(submitted.blob);
        if (!signatures || !blob
            || authz::missing_signatures(authz::quorum_of(policy.quorums, signatures->front().what().op),
                                         tags_of(*signatures))
                   .empty()) {
            return counted;
        }
        for (const auto& signature : *signatures) {
            counted.push_back({.at = now.now,
                               .blob = *blob,
                               .expires_at = signature.what().expires_at,
                               .signer = authz::fingerprint(signature.by().blob(), signature.by().key().hashes()),
                               .key_id = signature.by().key_id()});
        }
        return counted;
    }

    /// Holds an operation against the guest as it is.
    [[nodiscard]] static auto admit(examined&& op, guest_facts facts) -> tl::expected<admitted, gate_refusal>
    {
        if (auto why = obstacle(op.what(), op.guest(), op.signed_as().expected_digest, facts)) {
            return tl::unexpected(*std::move(why));
        }
        return admitted{std::move(op), std::move(facts)};
    }

    /// The next call of an operation, if what was just seen allows it: the one that was signed, or before the destroy
    /// of a running guest the one that stops it.
    [[nodiscard]] static auto clear(authorization&& op, const fresh_look& seen, const gate_policy& policy,
                                    const node_name& node) -> tl::expected<cleared, withheld>
    {
        if (auto why = objection(op, seen, policy)) {
            return tl::unexpected(withheld{std::move(op), *std::move(why)});
        }
        op.op_.facts_ = *seen.facts();
        op.just_stopped_ = false;
        const auto& guest = op.op_.facts_.guest;
        const auto only_stops =
            std::holds_alternative<guest_destroy>(op.what()) && guest && guest->power == proxmox::power_state::running;
        auto call = only_stops ? proxmox::single_call{proxmox::mutate::stop(node, op.guest())} : call_of(op, node);
        if (!call) {
            return tl::unexpected(withheld{std::move(op), std::move(call).error()});
        }
        return cleared{.call = send_once{*std::move(call), seen.fresh_until()},
                       .rest = sent_authorization{std::move(op), only_stops}};
    }

    /// After a call that was not sent.
    [[nodiscard]] static auto again(sent_authorization&& sent, const look_too_old& /*proof*/) -> authorization
    {
        auto of = std::move(sent);
        return std::move(of.op_);
    }

    /// After a call that Proxmox VE refused without doing anything. Nothing for an operation that is never repeated.
    [[nodiscard]] static auto again(sent_authorization&& sent, const did_nothing& /*proof*/)
        -> std::optional<authorization>
    {
        auto of = std::move(sent);
        return detail::may_be_repeated(of.op_.what()) ? std::optional{std::move(of.op_)} : std::nullopt;
    }

    /// After a call that only stopped the guest, and did.
    [[nodiscard]] static auto go_on(sent_authorization&& sent, const reconcile::achieved& /*proof*/)
        -> std::optional<authorization>
    {
        auto of = std::move(sent);
        if (!of.only_stops()) {
            return std::nullopt;
        }
        of.op_.has_stopped_ = of.op_.just_stopped_ = true;
        return std::move(of.op_);
    }

private:
    /// Its request. Should what the gate admits and what a call may carry disagree, nothing is sent.
    [[nodiscard]] static auto call_of(const authorization& op, const node_name& node)
        -> tl::expected<proxmox::single_call, gate_refusal>
    {
        using proxmox::destructive;
        using once = proxmox::single_call;
        using call = tl::expected<once, gate_refusal>;
        const auto guest = op.guest();
        return std::visit(
            overloaded{
                [&](const guest_destroy& o) -> call {
                    return destructive::destroy(node, guest, o.purge, o.destroy_unreferenced);
                },
                [&](const guest_rollback& o) -> call {
                    return destructive::rollback(node, guest, o.snapshot, o.start);
                },
                [&](const guest_delete_snapshot& o) -> call {
                    return destructive::delete_snapshot(node, guest, o.snapshot);
                },
                [&](const guest_restore& o) -> call {
                    const auto options =
                        proxmox::restore_options{.archive = o.archive, .storage = o.storage, .new_addresses = o.unique};
                    return o.force ? destructive::restore_over(node, guest, options)
                                   : once{proxmox::mutate::restore(node, guest, options)};
                },
                [&](const guest_set_config& o) -> call {
                    const auto changes = proxmox::config_changes::make(o.set, o.remove);
                    if (!changes) {
                        return refuse(wrong_params{bad_changes{changes.error()}});
                    }
                    return destructive::set_config(node, guest, *changes, op.op_.facts().guest->config.digest);
                },
                [&](const guest_stop&) -> call { return once{proxmox::mutate::stop(node, guest)}; },
                [&](const guest_resize& o) -> call {
                    return once{
                        proxmox::mutate::resize(node, guest, o.disk, o.size, op.op_.facts().guest->config.digest)};
                },
                [&](const backup_delete& o) -> call { return destructive::delete_backup(node, o.volid); },
            },
            op.what());
    }

    /// Why a call must not be sent now: all that was asked before the nonce was used is asked again, and whether
    /// anything was changed since.
    [[nodiscard]] static auto objection(authorization& op, const fresh_look& seen, const gate_policy& policy)
        -> std::optional<gate_refusal>
    {
        const auto& before = op.op_.before_;
        if (auto over = expiry(op, seen, policy)) {
            return over;
        }
        if (auto held = examine(before.submitted_, seen.around(), policy); !held) {
            return std::move(held).error();
        }
        const auto& facts = seen.facts();
        if (!facts) {
            return facts_unread{facts.error()};
        }
        // What the signer saw was held against the guest before the agent's own stop, which may apply what was pending.
        const auto expected = op.has_stopped_ ? std::nullopt : before.signed_as().expected_digest;
        if (auto obstructed = obstacle(op.what(), op.guest(), expected, *facts)) {
            return obstructed;
        }
        if (op.has_stopped_ && facts->guest && facts->guest->power == proxmox::power_state::running) {
            return started_again{};
        }
        return op.just_stopped_ ? detail::change_by_stop(op.op_.facts_, *facts)
                                : detail::change(op.what(), op.op_.facts_, *facts);
    }

    /// A clock that was set back makes no operation last longer.
    [[nodiscard]] static auto expiry(authorization& op, const fresh_look& seen, const gate_policy& policy)
        -> std::optional<gate_refusal>
    {
        const auto closes = op.op_.before_.signed_as().expires_at;
        const auto skew = policy.times.tolerated();
        if (!op.ends_) {
            op.ends_ = seen.at() + (closes + skew - seen.around().now);
        }
        return seen.at() < *op.ends_
                   ? std::nullopt
                   : std::optional<gate_refusal>{not_verified{authz::expired{closes, skew, seen.around().now}}};
    }

    [[nodiscard]] static auto refuse(gate_refusal why) -> tl::unexpected<gate_refusal>
    {
        return tl::unexpected(std::move(why));
    }

    [[nodiscard]] static auto verify(const signature_set& submitted, const host_switches& now,
                                     const gate_policy& policy)
        -> tl::expected<std::vector<authz::timely>, gate_refusal>
    {
        if (now.signers == nullptr) {
            return refuse(not_verified{authz::unknown_signer{.fingerprint = "any: nobody may sign here"}});
        }
        auto signatures = std::vector<authz::timely>{};
        auto furthest = std::optional<authz::error>{};
        for (const auto& armor : submitted.armors) {
            auto signature = authz::verify({.armor = armor, .blob = submitted.blob}, *now.signers, policy.here, now.now,
                                           policy.times);
            if (!signature) {
                furthest = further(std::move(furthest), std::move(signature).error());
            } else if (!has_signed(signatures, *signature)) {
                signatures.push_back(*std::move(signature));
            }
        }
        if (signatures.empty()) {
            return refuse(not_verified{std::move(furthest).value_or(
                authz::malformed{authz::stage::armor, authz::bad_field{"signature", 0, "at least one", "none"}})});
        }
        return signatures;
    }

    /// Of several signatures that do not hold, the one that came furthest says why: what somebody without authority
    /// brought must not stand in for what an operator did.
    [[nodiscard]] static auto further(std::optional<authz::error> known, authz::error other) -> authz::error
    {
        return known && authz::stage_of(*known) >= authz::stage_of(other) ? *std::move(known) : std::move(other);
    }

    [[nodiscard]] static auto has_signed(const std::vector<authz::timely>& signatures, const authz::timely& signature)
        -> bool
    {
        return contains(signatures, signature.by().blob(), [](const authz::timely& v) { return v.by().blob(); });
    }

    [[nodiscard]] static auto tags_of(const std::vector<authz::timely>& signatures) -> std::vector<authz::signer_tag>
    {
        auto tags = std::vector<authz::signer_tag>{};
        for (const auto& signature : signatures) {
            tags.push_back(signature.by().tag());
        }
        return tags;
    }

    /// A restore replaces what the signer saw only with force.
    [[nodiscard]] static auto needs_digest(const authz::operation& signed_as, const signed_operation& what,
                                           const gate_policy& policy) -> bool
    {
        const auto* const restore = std::get_if<guest_restore>(&what);
        return contains(policy.digest_required_for, signed_as.op) && (restore == nullptr || restore->force);
    }
};

} // namespace felhom::operate
