// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/exit_code.hpp>
#include <felhom/core/host_id.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/errors/config_changes_error.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/errors/refusal.hpp>
#include <felhom/proxmox/lxc/consequence.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/proxmox/model/whereabouts.hpp>
#include <felhom/proxmox/tasks/upid.hpp>
#include <felhom/reconcile/actual/knowledge.hpp>
#include <felhom/reconcile/plan/growth_reason.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace felhom::reconcile {

// Why a difference is not acted on, each with its evidence.

struct needs_signature {
    lxc::consequence weight;

    static constexpr auto code = std::string_view{"needs_signature"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto tells = knowledge::differs;
    [[nodiscard]] auto describe() const -> std::string
    {
        return std::string{text_of(weight)} + "; needs an operator's signature";
    }
    friend auto operator==(const needs_signature&, const needs_signature&) -> bool = default;
};
struct only_root {
    static constexpr auto code = std::string_view{"only_root"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto tells = knowledge::differs;
    static constexpr auto description = std::string_view{"Proxmox VE lets only root@pam change this, not an API token"};
    friend auto operator==(const only_root&, const only_root&) -> bool = default;
};
struct never_changes {
    static constexpr auto code = std::string_view{"never_changes"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto tells = knowledge::differs;
    static constexpr auto description = std::string_view{"fixed when the guest was created"};
    friend auto operator==(const never_changes&, const never_changes&) -> bool = default;
};
struct lacks_privilege {
    std::string path;
    std::string privilege;

    static constexpr auto code = std::string_view{"lacks_privilege"};
    static constexpr auto exit_status = exit_code::denied;
    static constexpr auto tells = knowledge::differs;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "the API token lacks " + printable(privilege) + " on " + printable(path);
    }
    friend auto operator==(const lacks_privilege&, const lacks_privilege&) -> bool = default;
};
struct guest_locked {
    std::string lock;
    std::optional<proxmox::upid> by = std::nullopt; ///< the task that runs on the guest, where there is one

    static constexpr auto code = std::string_view{"guest_locked"};
    static constexpr auto exit_status = exit_code::busy;
    static constexpr auto tells = knowledge::differs;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "the guest is locked (" + printable(lock) + ")" + (by ? " by " + printable(by->text()) : "");
    }
    friend auto operator==(const guest_locked&, const guest_locked&) -> bool = default;
};
/// It is in no list of the node's or the cluster's, and that proves nothing.
struct guest_not_visible {
    std::string why = {}; ///< what it would take to know, where that is known

    static constexpr auto code = std::string_view{"guest_not_visible"};
    static constexpr auto exit_status = exit_code::denied;
    static constexpr auto tells = knowledge::not_known;
    [[nodiscard]] auto describe() const -> std::string
    {
        return std::string{"not on this node, or hidden from the API token (VM.Audit)"}
               + (why.empty() ? "" : ": " + why);
    }
    friend auto operator==(const guest_not_visible&, const guest_not_visible&) -> bool = default;
};
/// It is in no list, and the lists cannot be relied on, or one could not be read.
struct whereabouts_unknown {
    std::string why;
    std::optional<proxmox::call_error> unread = std::nullopt;

    static constexpr auto code = std::string_view{"whereabouts_unknown"};
    static constexpr auto tells = knowledge::not_known;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "not on this node, and where it is is not known: " + why;
    }
    friend auto operator==(const whereabouts_unknown&, const whereabouts_unknown&) -> bool = default;
};
/// The cluster shows it on this node, whose own list does not.
struct guest_in_motion {
    static constexpr auto code = std::string_view{"guest_in_motion"};
    static constexpr auto exit_status = exit_code::busy;
    static constexpr auto tells = knowledge::not_known;
    static constexpr auto description = std::string_view{"the cluster shows it on this node and the node's own list "
                                                         "does not: it was just made, moved or removed, so look again"};
    friend auto operator==(const guest_in_motion&, const guest_in_motion&) -> bool = default;
};
/// Another node has it, or its number is a virtual machine's.
struct guest_elsewhere {
    proxmox::guest_is_elsewhere where;

    static constexpr auto code = std::string_view{"guest_elsewhere"};
    static constexpr auto exit_status = exit_code::error;
    static constexpr auto tells = knowledge::differs;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "no container of this node: " + proxmox::describe(where);
    }
    friend auto operator==(const guest_elsewhere&, const guest_elsewhere&) -> bool = default;
};
/// It is to be there, and no node of the cluster has it.
struct guest_nowhere {
    static constexpr auto code = std::string_view{"guest_nowhere"};
    static constexpr auto exit_status = exit_code::error;
    static constexpr auto tells = knowledge::differs;
    static constexpr auto description = std::string_view{
        "no node of the cluster has it, and the agent makes none: restore it, or take it out of the desired state"};
    friend auto operator==(const guest_nowhere&, const guest_nowhere&) -> bool = default;
};
struct guest_unreadable {
    proxmox::call_error why;

    static constexpr auto code = std::string_view{"guest_unreadable"};
    static constexpr auto tells = knowledge::not_known;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "its configuration could not be read: " + proxmox::describe(why);
    }
    friend auto operator==(const guest_unreadable&, const guest_unreadable&) -> bool = default;
};
struct guest_is_template {
    static constexpr auto code = std::string_view{"guest_is_template"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto tells = knowledge::differs;
    static constexpr auto description = std::string_view{"the guest is a template"};
    friend auto operator==(const guest_is_template&, const guest_is_template&) -> bool = default;
};
struct needs_release {
    lxc::pve_release since;

    static constexpr auto code = std::string_view{"needs_release"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto tells = knowledge::differs;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "needs Proxmox VE " + std::to_string(since.major) + "." + std::to_string(since.minor) + " or later";
    }
    friend auto operator==(const needs_release&, const needs_release&) -> bool = default;
};
/// Nothing is left to do: what is desired is stored, and waits for the guest's next start.
struct awaits_restart {
    static constexpr auto code = std::string_view{"awaits_restart"};
    static constexpr auto exit_status = exit_code::success;
    static constexpr auto tells = knowledge::in_sync;
    static constexpr auto description = std::string_view{"pending until the guest restarts"};
    friend auto operator==(const awaits_restart&, const awaits_restart&) -> bool = default;
};
/// What is desired is stored, and the running guest did not take it: what can be hot-plugged waits only then.
struct hotplug_failed {
    static constexpr auto code = std::string_view{"hotplug_failed"};
    static constexpr auto exit_status = exit_code::error;
    static constexpr auto tells = knowledge::differs;
    static constexpr auto description =
        std::string_view{"stored, and the running guest did not take it; its next start will try it"};
    friend auto operator==(const hotplug_failed&, const hotplug_failed&) -> bool = default;
};
/// A running guest is without an interface that its configuration has: the old one was removed and the new one could
/// not be plugged in (pve-container PVE/LXC.pm, update_net).
struct interface_lost {
    static constexpr auto code = std::string_view{"interface_lost"};
    static constexpr auto exit_status = exit_code::error;
    static constexpr auto tells = knowledge::differs;
    static constexpr auto description =
        std::string_view{"the running guest is without this interface: no value is in force; its next start will try "
                         "what is stored, and may fail by it"};
    friend auto operator==(const interface_lost&, const interface_lost&) -> bool = default;
};
/// This host's own configuration says that the guest is looked at and never changed.
struct observed_only {
    static constexpr auto code = std::string_view{"observed_only"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto tells = knowledge::differs;
    static constexpr auto description =
        std::string_view{"this host only observes the guest (reconcile.observe_guests)"};
    friend auto operator==(const observed_only&, const observed_only&) -> bool = default;
};
/// Proxmox VE leaves the key out of what a token without the privilege reads, so its absence says nothing.
struct value_hidden {
    std::string path;
    std::string privilege;

    static constexpr auto code = std::string_view{"value_hidden"};
    static constexpr auto exit_status = exit_code::denied;
    static constexpr auto tells = knowledge::not_known;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "not known: without " + printable(privilege) + " on " + printable(path)
               + " the API token is not shown whether it is set";
    }
    friend auto operator==(const value_hidden&, const value_hidden&) -> bool = default;
};
/// It is to be gone. Nothing but an operator's signature destroys a guest.
struct destroy_needs_signature {
    vmid guest;
    proxmox::config_digest digest; ///< of the configuration that the signer should have seen
    bool running;
    bool is_protected;
    std::optional<host_id> host; ///< nothing: this host's configuration does not say how operators name it

    static constexpr auto code = std::string_view{"destroy_needs_signature"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto tells = knowledge::differs;
    /// The command that signs what its absence takes.
    [[nodiscard]] auto signing_line() const -> std::string
    {
        return "felhom-sign guest destroy --host " + (host ? host->text() : std::string{"HOST-ID"}) + " --guest "
               + guest.text() + " --expect-digest " + digest.text() + (running ? R"( --params '{"stop":true}')" : "")
               + " --key KEY --out destroy-" + guest.text() + ".bundle";
    }
    [[nodiscard]] auto sentence() const -> std::string
    {
        return std::string{"should be absent; destroying it needs an operator's signature"}
               + (is_protected ? ", and `protection` to be unset before" : "");
    }
    [[nodiscard]] auto describe() const -> std::string { return sentence() + ": " + signing_line(); }
    friend auto operator==(const destroy_needs_signature&, const destroy_needs_signature&) -> bool = default;
};
/// Proxmox VE does not take back what waits for the guest's next start when the key is removed before (pve-container
/// PVE/LXC/Config.pm, update_pct_config): it would come into force all the same.
struct waiting_value_stays {
    static constexpr auto code = std::string_view{"waiting_value_stays"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto tells = knowledge::differs;
    static constexpr auto description = std::string_view{
        "unsetting it does not take back the value that waits: restart the guest first, or revert the pending change"};
    friend auto operator==(const waiting_value_stays&, const waiting_value_stays&) -> bool = default;
};
/// Together with what is stored, the desired value makes one that no call can carry.
struct not_writable {
    proxmox::config_changes_error why;

    static constexpr auto code = std::string_view{"not_writable"};
    static constexpr auto exit_status = exit_code::error;
    static constexpr auto tells = knowledge::differs;
    [[nodiscard]] auto describe() const -> std::string { return "cannot be written: " + proxmox::describe(why); }
    friend auto operator==(const not_writable&, const not_writable&) -> bool = default;
};

using skip_reason =
    std::variant<needs_signature, only_root, never_changes, lacks_privilege, guest_locked, guest_not_visible,
                 whereabouts_unknown, guest_in_motion, guest_elsewhere, guest_nowhere, guest_unreadable,
                 guest_is_template, needs_release, awaits_restart, observed_only, value_hidden, destroy_needs_signature,
                 waiting_value_stays, hotplug_failed, interface_lost, not_writable, growth_not_allowed, never_shrinks,
                 growth_waits>;

/// The stable name of a reason, for programs.
[[nodiscard]] inline auto code_of(const skip_reason& reason) -> std::string_view
{
    return felhom::code_of(reason);
}

[[nodiscard]] inline auto knowledge_of(const skip_reason& reason) -> knowledge
{
    return told<knowledge>(reason, [](const auto& one) { return std::remove_cvref_t<decltype(one)>::tells; });
}

/// The reason in words, with what would lift it.
[[nodiscard]] inline auto describe(const skip_reason& reason) -> std::string
{
    return description_of(reason);
}

/// The command that would lift a reason; nothing where there is none of the kind.
[[nodiscard]] inline auto command_of(const skip_reason& reason) -> std::optional<std::string>
{
    return told<std::optional<std::string>>(reason, [](const auto& one) -> std::optional<std::string> {
        if constexpr (requires { one.signing_line(); }) {
            return one.signing_line();
        } else {
            return std::nullopt;
        }
    });
}

/// The reason in words, without that command.
[[nodiscard]] inline auto sentence_of(const skip_reason& reason) -> std::string
{
    return told<std::string>(reason, [&](const auto& one) -> std::string {
        if constexpr (requires { one.sentence(); }) {
            return one.sentence();
        } else {
            return description_of(reason);
        }
    });
}

/// The privilege that a reason says is missing; nothing where none is.
[[nodiscard]] inline auto missing_privilege_of(const skip_reason& reason) -> std::optional<proxmox::missing_privilege>
{
    if (const auto* const lacks = std::get_if<lacks_privilege>(&reason)) {
        return proxmox::missing_privilege{.path = lacks->path, .any_of = {lacks->privilege}};
    }
    if (const auto* const hidden = std::get_if<value_hidden>(&reason)) {
        return proxmox::missing_privilege{.path = hidden->path, .any_of = {hidden->privilege}};
    }
    if (const auto* const unread = std::get_if<guest_unreadable>(&reason)) {
        const auto* const api = std::get_if<proxmox::api_error>(&unread->why);
        const auto* const missing =
            api != nullptr && api->refusal ? std::get_if<proxmox::missing_privilege>(&*api->refusal) : nullptr;
        return missing == nullptr ? std::nullopt : std::optional{*missing};
    }
    return std::nullopt;
}

} // namespace felhom::reconcile
