// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/operation/operation.hpp>
#include <felhom/authz/operation/operation_name.hpp>
#include <felhom/authz/signers/quorum.hpp>
#include <felhom/authz/stages.hpp>
#include <felhom/authz/time_policy.hpp>
#include <felhom/core/host_id.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/sha256.hpp>
#include <felhom/core/steady_instant.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/hash_chain/payload.hpp>
#include <felhom/hash_chain/receipt.hpp>
#include <felhom/operate/gate/gate_refusal.hpp>
#include <felhom/operate/gate/guest_facts.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/operation_record.hpp>
#include <felhom/operate/procedures/send_once.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

// The stages between a bundle and the right to carry it out: each is made only out of the one before it.
namespace felhom::operate {

/// The bytes of one operation, and the signatures that were brought for them.
struct signature_set {
    std::string blob;
    std::vector<std::string> armors;
};

/// What this host demands of an operation beyond a signature.
struct gate_policy {
    host_id here;
    authz::time_policy times = {};
    authz::quorum_rule quorums = {};
    /// Operations that must say which configuration the signer saw.
    std::vector<std::string> digest_required_for = {authz::digest_required_for.begin(),
                                                    authz::digest_required_for.end()};
};

/// Passed the verifier and the owner's rules, not yet held against the guest.
class examined {
public:
    examined(const examined&) = delete;
    auto operator=(const examined&) -> examined& = delete;
    examined(examined&&) = default;
    auto operator=(examined&&) -> examined& = default;
    ~examined() = default;

    [[nodiscard]] auto what() const -> const signed_operation& { return what_; }
    [[nodiscard]] auto signed_as() const -> const authz::operation& { return signatures_.front().what(); }
    [[nodiscard]] auto guest() const -> vmid { return signed_as().guest_id; }
    [[nodiscard]] auto blob() const -> const sha256_digest& { return blob_; }
    [[nodiscard]] auto signers() const -> std::vector<std::string>
    {
        auto ids = std::vector<std::string>{};
        for (const auto& signature : signatures_) {
            ids.push_back(signature.by().key_id());
        }
        return ids;
    }

private:
    friend class gate;
    friend class admitted;
    examined(signature_set submitted, std::vector<authz::timely> signatures, signed_operation what, sha256_digest blob)
        : submitted_{std::move(submitted)}, signatures_{std::move(signatures)}, what_{std::move(what)}, blob_{blob}
    {
    }

    signature_set submitted_;               ///< to be examined again
    std::vector<authz::timely> signatures_; ///< at least one, of distinct keys, over the same bytes
    signed_operation what_;
    sha256_digest blob_;
};

/// Passed the gate: all that is missing is the record that uses up its nonce.
class admitted {
public:
    admitted(const admitted&) = delete;
    auto operator=(const admitted&) -> admitted& = delete;
    admitted(admitted&&) = default;
    auto operator=(admitted&&) -> admitted& = default;
    ~admitted() = default;

    [[nodiscard]] auto guest() const -> vmid { return before_.guest(); }
    [[nodiscard]] auto what() const -> const signed_operation& { return before_.what(); }
    [[nodiscard]] auto facts() const -> const guest_facts& { return facts_; }

    /// The record that must be durable before anything is done.
    [[nodiscard]] auto claim(operation_id id, instant now) const -> operation_claimed
    {
        return {.id = id,
                .at = now,
                .guest = guest(),
                .what = recorded_as(what()),
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

/// Admitted, and its nonce used up: it may be carried out, by whoever holds this, once. No call comes out of it but
/// through a fresh look.
class authorization {
public:
    /// Takes the record that the operation's claim was written down in, and the log's receipt for it. The receipt of
    /// any other record proves nothing.
    [[nodiscard]] static auto by_receipt(admitted&& op, const hash_chain::payload& record,
                                         const hash_chain::receipt& proof) -> std::optional<authorization>
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

    /// Whether the guest was stopped for it.
    [[nodiscard]] auto has_stopped() const -> bool { return has_stopped_; }

private:
    friend class gate;
    explicit authorization(admitted&& op) : op_{std::move(op)} {}

    admitted op_; ///< with the guest as it was when it was last found to be as it should
    bool has_stopped_ = false;
    bool just_stopped_ = false;                         ///< and was not looked at since
    std::optional<steady_instant> ends_ = std::nullopt; ///< when it expires, on a clock that nobody sets
};

/// An authorization whose call is on its way. Only what shows that the call did nothing gives it back.
class sent_authorization {
public:
    /// Whether the call only stops the guest, for the one that was signed.
    [[nodiscard]] auto only_stops() const -> bool { return only_stops_; }
    [[nodiscard]] auto has_stopped() const -> bool { return op_.has_stopped(); }

private:
    friend class gate;
    sent_authorization(authorization&& op, bool only_stops) : op_{std::move(op)}, only_stops_{only_stops} {}

    authorization op_;
    bool only_stops_;
};

/// The one call that a fresh look allowed, and what is left of its authorization.
struct cleared {
    send_once call;
    sent_authorization rest;
};

/// What a fresh look did not allow, now or for good.
struct withheld {
    authorization op;
    gate_refusal why;
};

} // namespace felhom::operate
