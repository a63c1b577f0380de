#pragma once

#include <felhom/authz/fingerprint.hpp>
#include <felhom/authz/pipeline.hpp>
#include <felhom/authz/quorum.hpp>
#include <felhom/core/host_id.hpp>
#include <felhom/operate/circumstances.hpp>
#include <felhom/operate/effect.hpp>
#include <felhom/operate/gate_refusal.hpp>
#include <felhom/operate/guest_facts.hpp>
#include <felhom/operate/reversibility.hpp>
#include <felhom/operate/signed_params.hpp>
#include <felhom/proxmox/destructive.hpp>

#include <range/v3/algorithm/contains.hpp>
#include <range/v3/algorithm/find.hpp>
#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::operate {

/// The bytes of one operation, and the signatures that were brought for them.
struct ballot {
    std::string blob;
    std::vector<std::string> armors;
};

/// What this host demands of an operation beyond a signature.
struct gate_policy {
    host_id here;
    authz::time_policy times = {};
    authz::quorum_rule quorums = {};
    /// Operations that must say which configuration the signer saw.
    std::vector<std::string> digest_required_for = {"guest.destroy", "guest.restore"};
};

/// Passed the verifier and the owner's rules, not yet held against the guest.
class examined {
public:
    [[nodiscard]] auto what() const -> const signed_operation& { return what_; }
    [[nodiscard]] auto signed_as() const -> const authz::operation& { return votes_.front().what(); }
    [[nodiscard]] auto guest() const -> vmid { return signed_as().guest_id; }
    [[nodiscard]] auto call() const -> operation_call { return {.op = signed_as().op, .params = signed_as().params}; }
    [[nodiscard]] auto cost() const -> reversibility { return classify(signed_as().op, signed_as().params).what; }
    [[nodiscard]] auto blob() const -> const durable::digest& { return blob_; }
    [[nodiscard]] auto signers() const -> std::vector<std::string>
    {
        auto ids = std::vector<std::string>{};
        for (const auto& vote : votes_) {
            ids.push_back(vote.by().key_id());
        }
        return ids;
    }

private:
    friend class gate;
    examined(std::vector<authz::timely> votes, signed_operation what, durable::digest blob)
        : votes_{std::move(votes)}, what_{std::move(what)}, blob_{blob}
    {
    }

    std::vector<authz::timely> votes_; ///< at least one, of distinct keys, over the same bytes
    signed_operation what_;
    durable::digest blob_;
};

/// Passed the gate: all that is missing is the record that uses up its nonce.
class admitted {
public:
    [[nodiscard]] auto guest() const -> vmid { return before_.guest(); }
    [[nodiscard]] auto what() const -> const signed_operation& { return before_.what(); }
    [[nodiscard]] auto call() const -> operation_call { return before_.call(); }
    [[nodiscard]] auto facts() const -> const guest_facts& { return facts_; }

    /// The record that must be durable before anything is done.
    [[nodiscard]] auto claim(operation_id id, instant now) const -> operation_claimed
    {
        return {.id = id,
                .at = now,
                .guest = guest(),
                .call = call(),
                .nonce = before_.signed_as().nonce.text(),
                .expires_at = before_.signed_as().expires_at,
                .blob = before_.blob(),
                .signers = before_.signers()};
    }

private:
    friend class gate;
    friend class authorization;
    admitted(examined&& before, guest_facts facts) : before_{std::move(before)}, facts_{std::move(facts)} {}

    examined before_;
    guest_facts facts_;
};

/// Admitted, and its nonce used up: it may be carried out, by whoever holds this, once.
class authorization {
public:
    /// Takes the record that the operation's claim was written down in, and the log's receipt for it. The receipt of
    /// any other record proves nothing.
    [[nodiscard]] static auto by_receipt(admitted&& op, const durable::payload& record, const durable::receipt& proof)
        -> std::optional<authorization>
    {
        return proof.covers(record) ? std::optional{authorization{std::move(op)}} : std::nullopt;
    }

    authorization(const authorization&) = delete;
    auto operator=(const authorization&) -> authorization& = delete;
    authorization(authorization&&) = default;
    auto operator=(authorization&&) -> authorization& = default;
    ~authorization() = default;

    [[nodiscard]] auto guest() const -> vmid { return op_.guest(); }
    [[nodiscard]] auto what() const -> const signed_operation& { return op_.what(); }
    [[nodiscard]] auto call() const -> operation_call { return op_.call(); }
    [[nodiscard]] auto facts() const -> const guest_facts& { return op_.facts(); }

private:
    explicit authorization(admitted&& op) : op_{std::move(op)} {}

    admitted op_;
};

/// The only maker of requests that take something away for good.
class gate {
public:
    /// The verifier's stages 1 to 8 for each signature, and everything that the host's owner demands. Signatures that
    /// do not hold are void; one that holds is enough to be heard.
    [[nodiscard]] static auto examine(const ballot& cast, const circumstances& now, const gate_policy& policy)
        -> tl::expected<examined, gate_refusal>
    {
        auto votes = verify(cast, now, policy);
        if (!votes) {
            return tl::unexpected(std::move(votes).error());
        }
        const auto& signed_as = votes->front().what();
        auto what = parse_signed_operation(signed_as.op, signed_as.params);
        if (!what) {
            return refuse(wrong_params{std::move(what).error()});
        }
        const auto cost = classify(signed_as.op, signed_as.params).what;
        if (cost == reversibility::destructive && now.vetoed) {
            return refuse(owner_vetoed{*now.vetoed});
        }
        if (needs_digest(signed_as, *what, policy) && !signed_as.expected_digest) {
            return refuse(digest_required{});
        }
        if (auto missing = authz::missing_votes(authz::quorum_of(policy.quorums, signed_as.op), tags_of(*votes));
            !missing.empty()) {
            return refuse(quorum_incomplete{std::move(missing)});
        }
        if (now.paused) {
            return refuse(agent_paused{*now.paused});
        }
        if (now.blocked) {
            return refuse(hub_blocked{});
        }
        const auto blob = durable::sha256(cast.blob);
        if (!blob) {
            return refuse(facts_unread{"SHA-256 is not available"});
        }
        return examined{*std::move(votes), *std::move(what), *blob};
    }

    /// The signatures that hold, of an operation that needs more of them than there are.
    [[nodiscard]] static auto votes_of(const ballot& cast, const circumstances& now, const gate_policy& policy)
        -> std::vector<vote_counted>
    {
        auto counted = std::vector<vote_counted>{};
        const auto votes = verify(cast, now, policy);
        const auto blob = durable::sha256(cast.blob);
        if (!votes || !blob
            || authz::missing_votes(authz::quorum_of(policy.quorums, votes->front().what().op), tags_of(*votes))
                   .empty()) {
            return counted;
        }
        for (const auto& vote : *votes) {
            counted.push_back({.at = now.now,
                               .blob = *blob,
                               .expires_at = vote.what().expires_at,
                               .signer = authz::fingerprint(vote.by().blob(), vote.by().key().hashes()),
                               .key_id = vote.by().key_id()});
        }
        return counted;
    }

    /// Holds an operation against the guest as it is.
    [[nodiscard]] static auto admit(examined&& op, guest_facts facts) -> tl::expected<admitted, gate_refusal>
    {
        if (auto why = obstacle(op, facts)) {
            return tl::unexpected(*std::move(why));
        }
        return admitted{std::move(op), std::move(facts)};
    }

    /// The one request that the operation was signed for.
    [[nodiscard]] static auto request_of(authorization op, const node_name& node) -> proxmox::request
    {
        using proxmox::destructive;
        const auto guest = op.guest();
        return std::visit(
            overloaded{
                [&](const guest_destroy& o) {
                    return destructive::destroy(node, guest, o.purge, o.destroy_unreferenced);
                },
                [&](const guest_rollback& o) { return destructive::rollback(node, guest, o.snapshot, o.start); },
                [&](const guest_delete_snapshot& o) { return destructive::delete_snapshot(node, guest, o.snapshot); },
                [&](const guest_restore& o) {
                    const auto options =
                        proxmox::restore_options{.archive = o.archive, .storage = o.storage, .new_addresses = o.unique};
                    return o.force ? destructive::restore_over(node, guest, options)
                                   : proxmox::mutate::restore(node, guest, options);
                },
                [&](const guest_set_config& o) {
                    return destructive::set_config(node, guest, o.changes, op.facts().guest->config.digest);
                },
                [&](const guest_stop&) { return proxmox::mutate::stop(node, guest); },
                [&](const backup_delete& o) { return destructive::delete_backup(node, o.volid); },
            },
            op.what());
    }

private:
    [[nodiscard]] static auto refuse(gate_refusal why) -> tl::unexpected<gate_refusal>
    {
        return tl::unexpected(std::move(why));
    }

    [[nodiscard]] static auto verify(const ballot& cast, const circumstances& now, const gate_policy& policy)
        -> tl::expected<std::vector<authz::timely>, gate_refusal>
    {
        if (now.signers == nullptr) {
            return refuse(not_verified{authz::unknown_signer{.fingerprint = "any: nobody may sign here"}});
        }
        auto votes = std::vector<authz::timely>{};
        auto first_error = std::optional<authz::error>{};
        for (const auto& armor : cast.armors) {
            auto vote =
                authz::verify({.armor = armor, .blob = cast.blob}, *now.signers, policy.here, now.now, policy.times);
            if (!vote) {
                first_error = first_error ? first_error : std::optional{std::move(vote).error()};
            } else if (!has_voted(votes, *vote)) {
                votes.push_back(*std::move(vote));
            }
        }
        if (votes.empty()) {
            return refuse(not_verified{first_error.value_or(
                authz::malformed{authz::stage::armor, authz::bad_field{"signature", 0, "at least one", "none"}})});
        }
        return votes;
    }

    [[nodiscard]] static auto has_voted(const std::vector<authz::timely>& votes, const authz::timely& vote) -> bool
    {
        return ranges::contains(votes, vote.by().blob(), [](const authz::timely& v) { return v.by().blob(); });
    }

    [[nodiscard]] static auto tags_of(const std::vector<authz::timely>& votes) -> std::vector<authz::signer_tag>
    {
        auto tags = std::vector<authz::signer_tag>{};
        for (const auto& vote : votes) {
            tags.push_back(vote.by().tag());
        }
        return tags;
    }

    /// A restore replaces what the signer saw only with force.
    [[nodiscard]] static auto needs_digest(const authz::operation& signed_as, const signed_operation& what,
                                           const gate_policy& policy) -> bool
    {
        const auto* const restore = std::get_if<guest_restore>(&what);
        return ranges::contains(policy.digest_required_for, signed_as.op) && (restore == nullptr || restore->force);
    }

    [[nodiscard]] static auto obstacle(const examined& op, const guest_facts& facts) -> std::optional<gate_refusal>
    {
        if (std::holds_alternative<backup_delete>(op.what())) {
            return obstacle_of_backup(op, facts);
        }
        const auto* const restore = std::get_if<guest_restore>(&op.what());
        const auto& expected = op.signed_as().expected_digest;
        if (!facts.guest) {
            // A restore needs no guest, unless its signer saw one.
            return restore != nullptr && !expected ? std::nullopt : std::optional<gate_refusal>{guest_missing{}};
        }
        if (restore != nullptr && !restore->force) {
            return guest_exists{};
        }
        const auto& guest = *facts.guest;
        if (guest.lock) {
            return guest_is_locked{*guest.lock};
        }
        if (is_guarded_by_protection(op.what())) {
            const auto* const protection = value_of(guest.config, "protection");
            if (protection != nullptr && *protection != "0") {
                return guest_protected{};
            }
        }
        if (auto differs = expected ? difference(*expected, guest) : std::nullopt) {
            return differs;
        }
        if (guest.power == proxmox::power_state::running && must_not_run(op.what())) {
            return guest_running{};
        }
        const auto* const snapshot = snapshot_named_by(op.what());
        if (snapshot != nullptr && !ranges::contains(facts.snapshots, snapshot->text())) {
            return snapshot_missing{snapshot->text()};
        }
        return std::nullopt;
    }

    [[nodiscard]] static auto obstacle_of_backup(const examined& op, const guest_facts& facts)
        -> std::optional<gate_refusal>
    {
        const auto& volid = std::get<backup_delete>(op.what()).volid.text();
        if (!facts.backup) {
            return volume_missing{volid};
        }
        if (facts.backup->owner != op.guest()) {
            return volume_of_other_guest{.volid = volid,
                                         .owner = facts.backup->owner ? facts.backup->owner->text() : "nobody"};
        }
        if (facts.backup->kept_from_pruning) {
            return volume_protected{volid};
        }
        // A backup may outlive its guest; but a signer who says which guest that was must have seen this one.
        if (const auto& expected = op.signed_as().expected_digest) {
            return facts.guest ? difference(*expected, *facts.guest) : std::optional<gate_refusal>{guest_missing{}};
        }
        return std::nullopt;
    }

    /// Whether the guest is not as the signer saw it.
    [[nodiscard]] static auto difference(const std::string& expected, const present_guest& guest)
        -> std::optional<gate_refusal>
    {
        const auto& found = guest.config.digest.text();
        return expected == found ? std::nullopt
                                 : std::optional<gate_refusal>{digest_differs{.expected = expected, .found = found}};
    }

    /// Proxmox VE's protection guards the guest and its disks; the operation that drops it must pass.
    [[nodiscard]] static auto is_guarded_by_protection(const signed_operation& op) -> bool
    {
        return std::visit(overloaded{
                              [](const guest_destroy&) { return true; },
                              [](const guest_rollback&) { return true; },
                              [](const guest_delete_snapshot&) { return true; },
                              [](const guest_restore&) { return true; },
                              [](const guest_set_config&) { return false; },
                              [](const guest_stop&) { return false; },
                              [](const backup_delete&) { return false; },
                          },
                          op);
    }

    [[nodiscard]] static auto must_not_run(const signed_operation& op) -> bool
    {
        return std::visit(overloaded{
                              [](const guest_destroy& o) { return !o.stop; },
                              [](const guest_rollback&) { return false; }, // it stops the guest by itself
                              [](const guest_delete_snapshot&) { return false; },
                              [](const guest_restore&) { return true; },
                              [](const guest_set_config&) { return false; },
                              [](const guest_stop&) { return false; },
                              [](const backup_delete&) { return false; },
                          },
                          op);
    }
};

} // namespace felhom::operate
