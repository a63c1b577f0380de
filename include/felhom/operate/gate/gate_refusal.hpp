// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/error.hpp>
#include <felhom/authz/replay/replay_error.hpp>
#include <felhom/core/alternatives.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/operate/gate/growth_refusal.hpp>
#include <felhom/operate/operation/params_error.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

// Why the gate does not let an operation pass. What is transient passes by itself, so that the operation waits until it
// expires; the rest is for good.
namespace felhom::operate {

/// The signature does not hold, or holds no longer.
struct not_verified {
    authz::error why;

    [[nodiscard]] auto describe() const -> std::string { return authz::describe(why); }
    friend auto operator==(const not_verified&, const not_verified&) -> bool = default;
};
struct wrong_params {
    params_error why;

    static constexpr auto code = std::string_view{"params"};
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string { return operate::describe(why); }
    friend auto operator==(const wrong_params&, const wrong_params&) -> bool = default;
};
/// The owner's veto.
struct owner_vetoed {
    std::string text;

    static constexpr auto code = std::string_view{"veto"};
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "the host's owner has forbidden destructive operations"
               + (text.empty() ? std::string{} : ": " + printable(text));
    }
    friend auto operator==(const owner_vetoed&, const owner_vetoed&) -> bool = default;
};
/// Whether there is a veto could not be told.
struct veto_unread {
    std::string detail;

    static constexpr auto code = std::string_view{"unread"};
    static constexpr auto is_transient = true;
    [[nodiscard]] auto describe() const -> std::string { return "the owner's veto could not be looked for: " + detail; }
    friend auto operator==(const veto_unread&, const veto_unread&) -> bool = default;
};
struct guest_protected {
    static constexpr auto code = std::string_view{"protected"};
    static constexpr auto is_transient = false;
    static constexpr auto description =
        std::string_view{"the guest is protected: sign a guest.set_config that drops 'protection' first"};
    friend auto operator==(const guest_protected&, const guest_protected&) -> bool = default;
};
struct guest_missing {
    static constexpr auto code = std::string_view{"guest_missing"};
    static constexpr auto is_transient = false;
    static constexpr auto description = std::string_view{"there is no such guest on this node"};
    friend auto operator==(const guest_missing&, const guest_missing&) -> bool = default;
};
/// A restore without force to a number that is taken.
struct guest_exists {
    static constexpr auto code = std::string_view{"guest_exists"};
    static constexpr auto is_transient = false;
    static constexpr auto description =
        std::string_view{"the number is taken: to replace the guest, sign it with force"};
    friend auto operator==(const guest_exists&, const guest_exists&) -> bool = default;
};
/// The operation does not say that a running guest may be stopped.
struct guest_running {
    static constexpr auto code = std::string_view{"guest_running"};
    static constexpr auto is_transient = false;
    static constexpr auto description =
        std::string_view{R"(the guest is running: to have it stopped, sign it with "stop":true)"};
    friend auto operator==(const guest_running&, const guest_running&) -> bool = default;
};
/// The signer must say which configuration was seen.
struct digest_required {
    static constexpr auto code = std::string_view{"digest_required"};
    static constexpr auto is_transient = false;
    static constexpr auto description =
        std::string_view{"this operation must name the configuration that was seen: sign it with --expect-digest"};
    friend auto operator==(const digest_required&, const digest_required&) -> bool = default;
};
/// The guest is not as the signer saw it.
struct digest_differs {
    std::string expected;
    std::string found;

    static constexpr auto code = std::string_view{"digest"};
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "the guest was changed since it was signed: expected digest " + printable(expected) + ", found " + found;
    }
    friend auto operator==(const digest_differs&, const digest_differs&) -> bool = default;
};
/// Something was changed after the operation had been begun.
struct changed_since_begun {
    std::string what; ///< "the guest's configuration"

    static constexpr auto code = std::string_view{"digest"};
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string { return what + " changed after the operation was begun"; }
    friend auto operator==(const changed_since_begun&, const changed_since_begun&) -> bool = default;
};
/// Somebody started the guest after it had been stopped for the operation.
struct started_again {
    static constexpr auto code = std::string_view{"guest_running"};
    static constexpr auto is_transient = false;
    static constexpr auto description =
        std::string_view{"the guest was started again after it had been stopped for the operation"};
    friend auto operator==(const started_again&, const started_again&) -> bool = default;
};
struct snapshot_missing {
    std::string name;

    static constexpr auto code = std::string_view{"snapshot_missing"};
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string { return "there is no snapshot '" + name + "'"; }
    friend auto operator==(const snapshot_missing&, const snapshot_missing&) -> bool = default;
};
struct volume_missing {
    std::string volid;

    static constexpr auto code = std::string_view{"volume_missing"};
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string { return "there is no backup " + volid; }
    friend auto operator==(const volume_missing&, const volume_missing&) -> bool = default;
};
/// The backup is another guest's.
struct volume_of_other_guest {
    std::string volid;
    std::string owner;

    static constexpr auto code = std::string_view{"volume_of_other_guest"};
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string { return volid + " is a backup of guest " + owner; }
    friend auto operator==(const volume_of_other_guest&, const volume_of_other_guest&) -> bool = default;
};
struct volume_protected {
    std::string volid;

    static constexpr auto code = std::string_view{"volume_protected"};
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string { return volid + " is protected: unprotect it first"; }
    friend auto operator==(const volume_protected&, const volume_protected&) -> bool = default;
};
/// What would have to be recorded does not fit a record.
struct too_long_to_record {
    std::string what;

    static constexpr auto code = std::string_view{"too_long"};
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string { return "it cannot be recorded: " + what; }
    friend auto operator==(const too_long_to_record&, const too_long_to_record&) -> bool = default;
};
struct agent_paused {
    std::string text;

    static constexpr auto code = std::string_view{"paused"};
    static constexpr auto is_transient = true;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "the agent is paused" + (text.empty() ? std::string{} : ": " + printable(text));
    }
    friend auto operator==(const agent_paused&, const agent_paused&) -> bool = default;
};
struct hub_blocked {
    static constexpr auto code = std::string_view{"blocked"};
    static constexpr auto is_transient = true;
    static constexpr auto description = std::string_view{"the hub has blocked all changes"};
    friend auto operator==(const hub_blocked&, const hub_blocked&) -> bool = default;
};
struct guest_is_locked {
    std::string lock;

    static constexpr auto code = std::string_view{"locked"};
    static constexpr auto is_transient = true;
    [[nodiscard]] auto describe() const -> std::string { return "the guest is locked (" + lock + ")"; }
    friend auto operator==(const guest_is_locked&, const guest_is_locked&) -> bool = default;
};
struct quorum_incomplete {
    std::vector<std::string> missing; ///< "1 more operational signature"

    static constexpr auto code = std::string_view{"quorum"};
    static constexpr auto is_transient = true;
    [[nodiscard]] auto describe() const -> std::string
    {
        auto words = std::string{"signatures are missing:"};
        for (const auto& one : missing) {
            words += (words.back() == ':' ? " " : ", ") + one;
        }
        return words;
    }
    friend auto operator==(const quorum_incomplete&, const quorum_incomplete&) -> bool = default;
};
/// The node did not tell what the gate must know.
struct facts_unread {
    std::string detail;

    static constexpr auto code = std::string_view{"unread"};
    static constexpr auto is_transient = true;
    [[nodiscard]] auto describe() const -> std::string { return "the guest could not be read: " + detail; }
    friend auto operator==(const facts_unread&, const facts_unread&) -> bool = default;
};

using gate_refusal =
    std::variant<not_verified, wrong_params, owner_vetoed, veto_unread, guest_protected, guest_missing, guest_exists,
                 guest_running, digest_required, digest_differs, changed_since_begun, started_again, snapshot_missing,
                 volume_missing, volume_of_other_guest, volume_protected, too_long_to_record, agent_paused, hub_blocked,
                 guest_is_locked, quorum_incomplete, facts_unread, not_growable, would_shrink, already_as_large,
                 no_space, space_unknown>;

/// Whether waiting may help.
[[nodiscard]] inline auto is_transient(const gate_refusal& why) -> bool
{
    return told<bool>(
        why, overloaded{[](const auto& one) { return std::remove_cvref_t<decltype(one)>::is_transient; },
                        [](const not_verified& e) { return std::holds_alternative<authz::not_yet_valid>(e.why); }});
}

/// The same of a nonce: the disk may be written again, and nonces expire.
[[nodiscard]] inline auto is_transient(const authz::replay_error& why) -> bool
{
    return told<bool>(why, [](const auto& one) { return std::remove_cvref_t<decltype(one)>::is_transient; });
}

/// The stable name of a refusal, for programs.
[[nodiscard]] inline auto code_of(const gate_refusal& why) -> std::string_view
{
    return told<std::string_view>(why,
                                  overloaded{[](const auto& one) { return std::remove_cvref_t<decltype(one)>::code; },
                                             [](const not_verified& e) { return authz::code(e.why); }});
}

[[nodiscard]] inline auto describe(const gate_refusal& why) -> std::string
{
    return description_of(why);
}

} // namespace felhom::operate
