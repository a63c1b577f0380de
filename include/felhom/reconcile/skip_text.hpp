#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/proxmox/error.hpp>
#include <felhom/proxmox/refusal.hpp>
#include <felhom/reconcile/skip_reason.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace felhom::reconcile {

/// The stable name of a reason, for programs.
[[nodiscard]] inline auto code_of(const skip_reason& reason) -> std::string_view
{
    return std::visit(overloaded{
                          [](const needs_signature&) { return std::string_view{"needs_signature"}; },
                          [](const only_root&) { return std::string_view{"only_root"}; },
                          [](const never_changes&) { return std::string_view{"never_changes"}; },
                          [](const lacks_privilege&) { return std::string_view{"lacks_privilege"}; },
                          [](const guest_locked&) { return std::string_view{"guest_locked"}; },
                          [](const guest_not_visible&) { return std::string_view{"guest_not_visible"}; },
                          [](const whereabouts_unknown&) { return std::string_view{"whereabouts_unknown"}; },
                          [](const guest_in_motion&) { return std::string_view{"guest_in_motion"}; },
                          [](const guest_elsewhere&) { return std::string_view{"guest_elsewhere"}; },
                          [](const guest_nowhere&) { return std::string_view{"guest_nowhere"}; },
                          [](const guest_unreadable&) { return std::string_view{"guest_unreadable"}; },
                          [](const guest_is_template&) { return std::string_view{"guest_is_template"}; },
                          [](const needs_release&) { return std::string_view{"needs_release"}; },
                          [](const awaits_restart&) { return std::string_view{"awaits_restart"}; },
                          [](const hotplug_failed&) { return std::string_view{"hotplug_failed"}; },
                          [](const interface_lost&) { return std::string_view{"interface_lost"}; },
                          [](const observed_only&) { return std::string_view{"observed_only"}; },
                          [](const value_hidden&) { return std::string_view{"value_hidden"}; },
                          [](const destroy_needs_signature&) { return std::string_view{"destroy_needs_signature"}; },
                          [](const waiting_value_stays&) { return std::string_view{"waiting_value_stays"}; },
                          [](const not_writable&) { return std::string_view{"not_writable"}; },
                      },
                      reason);
}

/// The command that signs what a guest's absence takes.
[[nodiscard]] inline auto signing_line(const destroy_needs_signature& held) -> std::string
{
    return "felhom-sign guest destroy --host " + (held.host ? held.host->text() : std::string{"HOST-ID"}) + " --guest "
           + held.guest.text() + " --expect-digest " + held.digest.text()
           + (held.running ? R"( --params '{"stop":true}')" : "") + " --key KEY --out destroy-" + held.guest.text()
           + ".bundle";
}

/// The reason in words, with what would lift it.
[[nodiscard]] inline auto describe(const skip_reason& reason) -> std::string
{
    return std::visit(
        overloaded{
            [](const needs_signature& r) {
                return "held: " + std::string{text_of(r.weight)} + ", needs an operator's signature";
            },
            [](const only_root&) { return std::string{"Proxmox VE lets only root@pam change this, not an API token"}; },
            [](const never_changes&) { return std::string{"fixed when the guest was created"}; },
            [](const lacks_privilege& r) {
                return "the API token lacks " + printable(r.privilege) + " on " + printable(r.path);
            },
            [](const guest_locked& r) {
                return "the guest is locked (" + printable(r.lock) + ")"
                       + (r.by ? " by " + printable(r.by->text()) : "");
            },
            [](const guest_not_visible& r) {
                return std::string{"not on this node, or hidden from the API token (VM.Audit)"}
                       + (r.why.empty() ? "" : ": " + r.why);
            },
            [](const whereabouts_unknown& r) { return "not on this node, and where it is is not known: " + r.why; },
            [](const guest_in_motion&) {
                return std::string{"the cluster shows it on this node and the node's own list does not: it was just "
                                   "made, moved or removed, so look again"};
            },
            [](const guest_elsewhere& r) { return "no container of this node: " + proxmox::describe(r.where); },
            [](const guest_nowhere&) {
                return std::string{
                    "no node of the cluster has it, and the agent makes none: restore it, or take it out "
                    "of the desired state"};
            },
            [](const guest_unreadable& r) {
                return "its configuration could not be read: " + proxmox::describe(r.why);
            },
            [](const guest_is_template&) { return std::string{"the guest is a template"}; },
            [](const needs_release& r) {
                return "needs Proxmox VE " + std::to_string(r.since.major) + "." + std::to_string(r.since.minor)
                       + " or later";
            },
            [](const awaits_restart&) { return std::string{"stored; takes effect at the guest's next restart"}; },
            [](const hotplug_failed&) {
                return std::string{"stored, and the running guest did not take it; its next start will try it"};
            },
            [](const interface_lost&) {
                return std::string{"the running guest is without this interface: no value is in force; its next start "
                                   "will try what is stored, and may fail by it"};
            },
            [](const observed_only&) {
                return std::string{"this host only observes the guest (reconcile.observe_guests)"};
            },
            [](const value_hidden& r) {
                return "not known: without " + printable(r.privilege) + " on " + printable(r.path)
                       + " the API token is not shown whether it is set";
            },
            [](const destroy_needs_signature& r) {
                return std::string{"held: to be absent, and only an operator's signature destroys a guest"}
                       + (r.is_protected ? ", and none while `protection` is set" : "") + ": " + signing_line(r);
            },
            [](const waiting_value_stays&) {
                return std::string{"unsetting it does not take back the value that waits: restart the guest first, or "
                                   "revert the pending change"};
            },
            [](const not_writable& r) { return "cannot be written: " + proxmox::describe(r.why); },
        },
        reason);
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
