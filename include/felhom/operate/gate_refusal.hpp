#pragma once

#include <felhom/authz/describe.hpp>
#include <felhom/authz/error.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/operate/signed_params.hpp>
#include <felhom/proxmox/error.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace felhom::operate {

// Refused for good: nothing that passes by itself would change the answer.

/// The signature does not hold, or holds no longer.
struct not_verified {
    authz::error why;

    friend auto operator==(const not_verified&, const not_verified&) -> bool = default;
};
struct wrong_params {
    params_error why;

    friend auto operator==(const wrong_params&, const wrong_params&) -> bool = default;
};
/// The owner's veto.
struct owner_vetoed {
    std::string text;

    friend auto operator==(const owner_vetoed&, const owner_vetoed&) -> bool = default;
};
/// Whether there is a veto could not be told.
struct veto_unread {
    std::string detail;

    friend auto operator==(const veto_unread&, const veto_unread&) -> bool = default;
};
struct guest_protected {
    friend auto operator==(const guest_protected&, const guest_protected&) -> bool = default;
};
struct guest_missing {
    friend auto operator==(const guest_missing&, const guest_missing&) -> bool = default;
};
/// A restore without force to a number that is taken.
struct guest_exists {
    friend auto operator==(const guest_exists&, const guest_exists&) -> bool = default;
};
/// The operation does not say that a running guest may be stopped.
struct guest_running {
    friend auto operator==(const guest_running&, const guest_running&) -> bool = default;
};
/// The signer must say which configuration was seen.
struct digest_required {
    friend auto operator==(const digest_required&, const digest_required&) -> bool = default;
};
/// The guest is not as the signer saw it.
struct digest_differs {
    std::string expected;
    std::string found;

    friend auto operator==(const digest_differs&, const digest_differs&) -> bool = default;
};
/// Something was changed after the operation had been begun.
struct changed_since_begun {
    std::string what; ///< "the guest's configuration"

    friend auto operator==(const changed_since_begun&, const changed_since_begun&) -> bool = default;
};
/// Somebody started the guest after it had been stopped for the operation.
struct started_again {
    friend auto operator==(const started_again&, const started_again&) -> bool = default;
};
struct snapshot_missing {
    std::string name;

    friend auto operator==(const snapshot_missing&, const snapshot_missing&) -> bool = default;
};
struct volume_missing {
    std::string volid;

    friend auto operator==(const volume_missing&, const volume_missing&) -> bool = default;
};
/// The backup is another guest's.
struct volume_of_other_guest {
    std::string volid;
    std::string owner;

    friend auto operator==(const volume_of_other_guest&, const volume_of_other_guest&) -> bool = default;
};
struct volume_protected {
    std::string volid;

    friend auto operator==(const volume_protected&, const volume_protected&) -> bool = default;
};
/// What would have to be recorded does not fit a record.
struct too_long_to_record {
    std::string what;

    friend auto operator==(const too_long_to_record&, const too_long_to_record&) -> bool = default;
};

// Waits until the operation expires: these pass.

struct agent_paused {
    std::string text;

    friend auto operator==(const agent_paused&, const agent_paused&) -> bool = default;
};
struct hub_blocked {
    friend auto operator==(const hub_blocked&, const hub_blocked&) -> bool = default;
};
struct guest_is_locked {
    std::string lock;

    friend auto operator==(const guest_is_locked&, const guest_is_locked&) -> bool = default;
};
struct quorum_incomplete {
    std::vector<std::string> missing; ///< "1 more operational signature"

    friend auto operator==(const quorum_incomplete&, const quorum_incomplete&) -> bool = default;
};
/// The node did not tell what the gate must know.
struct facts_unread {
    std::string detail;

    friend auto operator==(const facts_unread&, const facts_unread&) -> bool = default;
};

using gate_refusal =
    std::variant<not_verified, wrong_params, owner_vetoed, veto_unread, guest_protected, guest_missing, guest_exists,
                 guest_running, digest_required, digest_differs, changed_since_begun, started_again, snapshot_missing,
                 volume_missing, volume_of_other_guest, volume_protected, too_long_to_record, agent_paused, hub_blocked,
                 guest_is_locked, quorum_incomplete, facts_unread>;

/// Whether waiting may help.
[[nodiscard]] inline auto is_transient(const gate_refusal& why) -> bool
{
    return std::visit(overloaded{
                          [](const not_verified& e) { return std::holds_alternative<authz::not_yet_valid>(e.why); },
                          [](const wrong_params&) { return false; },
                          [](const owner_vetoed&) { return false; },
                          [](const veto_unread&) { return true; },
                          [](const guest_protected&) { return false; },
                          [](const guest_missing&) { return false; },
                          [](const guest_exists&) { return false; },
                          [](const guest_running&) { return false; },
                          [](const digest_required&) { return false; },
                          [](const digest_differs&) { return false; },
                          [](const changed_since_begun&) { return false; },
                          [](const started_again&) { return false; },
                          [](const snapshot_missing&) { return false; },
                          [](const volume_missing&) { return false; },
                          [](const volume_of_other_guest&) { return false; },
                          [](const volume_protected&) { return false; },
                          [](const too_long_to_record&) { return false; },
                          [](const agent_paused&) { return true; },
                          [](const hub_blocked&) { return true; },
                          [](const guest_is_locked&) { return true; },
                          [](const quorum_incomplete&) { return true; },
                          [](const facts_unread&) { return true; },
                      },
                      why);
}

/// The same of a nonce: the disk may be written again, and nonces expire.
[[nodiscard]] inline auto is_transient(const authz::replay_error& why) -> bool
{
    return std::visit(overloaded{
                          [](const authz::nonce_seen&) { return false; },
                          [](const authz::within_horizon&) { return false; },
                          [](const authz::memory_full&) { return true; },
                          [](const authz::claim_not_recorded&) { return true; },
                      },
                      why);
}

/// The stable name of a refusal, for programs.
[[nodiscard]] inline auto code_of(const gate_refusal& why) -> std::string_view
{
    using text = std::string_view;
    return std::visit(overloaded{
                          [](const not_verified& e) { return authz::code(e.why); },
                          [](const wrong_params&) { return text{"params"}; },
                          [](const owner_vetoed&) { return text{"veto"}; },
                          [](const veto_unread&) { return text{"unread"}; },
                          [](const guest_protected&) { return text{"protected"}; },
                          [](const guest_missing&) { return text{"guest_missing"}; },
                          [](const guest_exists&) { return text{"guest_exists"}; },
                          [](const guest_running&) { return text{"guest_running"}; },
                          [](const digest_required&) { return text{"digest_required"}; },
                          [](const digest_differs&) { return text{"digest"}; },
                          [](const changed_since_begun&) { return text{"digest"}; },
                          [](const started_again&) { return text{"guest_running"}; },
                          [](const snapshot_missing&) { return text{"snapshot_missing"}; },
                          [](const volume_missing&) { return text{"volume_missing"}; },
                          [](const volume_of_other_guest&) { return text{"volume_of_other_guest"}; },
                          [](const volume_protected&) { return text{"volume_protected"}; },
                          [](const too_long_to_record&) { return text{"too_long"}; },
                          [](const agent_paused&) { return text{"paused"}; },
                          [](const hub_blocked&) { return text{"blocked"}; },
                          [](const guest_is_locked&) { return text{"locked"}; },
                          [](const quorum_incomplete&) { return text{"quorum"}; },
                          [](const facts_unread&) { return text{"unread"}; },
                      },
                      why);
}

[[nodiscard]] inline auto describe(const gate_refusal& why) -> std::string
{
    return std::visit(
        overloaded{
            [](const not_verified& e) { return authz::describe(e.why); },
            [](const wrong_params& e) { return describe(e.why); },
            [](const owner_vetoed& e) {
                return "the host's owner has forbidden destructive operations"
                       + (e.text.empty() ? std::string{} : ": " + printable(e.text));
            },
            [](const veto_unread& e) { return "the owner's veto could not be looked for: " + e.detail; },
            [](const guest_protected&) {
                return std::string{"the guest is protected: sign a guest.set_config that drops 'protection' first"};
            },
            [](const guest_missing&) { return std::string{"there is no such guest on this node"}; },
            [](const guest_exists&) {
                return std::string{"the number is taken: to replace the guest, sign it with force"};
            },
            [](const guest_running&) {
                return std::string{"the guest is running: to have it stopped, sign it with \"stop\":true"};
            },
            [](const digest_required&) {
                return std::string{"this operation must name the configuration that was seen: sign it with "
                                   "--expect-digest"};
            },
            [](const digest_differs& e) {
                return "the guest was changed since it was signed: expected digest " + printable(e.expected)
                       + ", found " + e.found;
            },
            [](const changed_since_begun& e) { return e.what + " changed after the operation was begun"; },
            [](const started_again&) {
                return std::string{"the guest was started again after it had been stopped for the operation"};
            },
            [](const snapshot_missing& e) { return "there is no snapshot '" + e.name + "'"; },
            [](const volume_missing& e) { return "there is no backup " + e.volid; },
            [](const volume_of_other_guest& e) { return e.volid + " is a backup of guest " + e.owner; },
            [](const volume_protected& e) { return e.volid + " is protected: unprotect it first"; },
            [](const too_long_to_record& e) { return "it cannot be recorded: " + e.what; },
            [](const agent_paused& e) {
                return "the agent is paused" + (e.text.empty() ? std::string{} : ": " + printable(e.text));
            },
            [](const hub_blocked&) { return std::string{"the hub has blocked all changes"}; },
            [](const guest_is_locked& e) { return "the guest is locked (" + e.lock + ")"; },
            [](const quorum_incomplete& e) {
                auto text = std::string{"signatures are missing:"};
                for (const auto& one : e.missing) {
                    text += (text.back() == ':' ? " " : ", ") + one;
                }
                return text;
            },
            [](const facts_unread& e) { return "the guest could not be read: " + e.detail; },
        },
        why);
}

} // namespace felhom::operate
