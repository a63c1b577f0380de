// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/exit_code.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/proxmox/api/caller.hpp>
#include <felhom/proxmox/errors/classify.hpp>
#include <felhom/proxmox/errors/config_changes_error.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/errors/error_class.hpp>
#include <felhom/proxmox/model/whereabouts.hpp>
#include <felhom/proxmox/tasks/task_outcome.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace felhom::reconcile {

/// What went wrong between an action and its success: the call's error, or its task's.
using failure_cause = std::variant<proxmox::call_error, proxmox::task_error, proxmox::unknown_outcome>;

[[nodiscard]] inline auto classify(const failure_cause& trouble) -> proxmox::classification
{
    return told<proxmox::classification>(
        trouble, overloaded{[](const proxmox::call_error& e) { return proxmox::classify(e, proxmox::intent::write); },
                            [](const proxmox::task_error& e) { return proxmox::classify(e); },
                            [](const proxmox::unknown_outcome&) {
                                return proxmox::classification{proxmox::error_class::unknown_outcome,
                                                               proxmox::error_action::read_back};
                            }});
}

[[nodiscard]] inline auto describe(const failure_cause& trouble) -> std::string
{
    return told<std::string>(trouble, [](const auto& e) { return proxmox::describe(e); });
}

/// The same with the commands that would grant what was missing.
[[nodiscard]] inline auto describe(const failure_cause& trouble, const proxmox::caller& who) -> std::string
{
    return told<std::string>(trouble,
                             overloaded{[&](const auto& e) { return proxmox::describe(e, who); },
                                        [](const proxmox::unknown_outcome& e) { return proxmox::describe(e); }});
}

/// It was somebody else who did what was to be done.
struct others_work {
    std::optional<proxmox::upid> task = std::nullopt; ///< his, where the node's lists tell it

    friend auto operator==(const others_work&, const others_work&) -> bool = default;
};

/// The state was read after the action and is as the action wanted it.
struct achieved {
    std::uint32_t warnings = 0;
    std::optional<failure_cause> despite = std::nullopt; ///< what Proxmox VE answered although it is so
    std::optional<others_work> by_another = std::nullopt;
    std::vector<std::string> waiting = {}; ///< keys that come into force at the guest's next start

    static constexpr auto code = std::string_view{"achieved"};
    [[nodiscard]] auto describe() const -> std::string;
    friend auto operator==(const achieved&, const achieved&) -> bool = default;
};

/// It was refused, or it failed, and the state is not as it was wanted.
struct action_failed {
    failure_cause why;
    std::string left_behind = {}; ///< what it changed all the same

    static constexpr auto code = std::string_view{"failed"};
    /// "failed: ", or what the failure left behind and then the colon.
    [[nodiscard]] auto heading() const -> std::string
    {
        return "failed" + (left_behind.empty() ? "" : ", and " + left_behind) + ": ";
    }
    [[nodiscard]] auto describe() const -> std::string { return heading() + reconcile::describe(why); }
    friend auto operator==(const action_failed&, const action_failed&) -> bool = default;
};

/// Somebody else changed the guest since it was read: read and plan anew.
struct conflict {
    failure_cause why;

    static constexpr auto code = std::string_view{"overtaken"};
    static constexpr auto exit_status = exit_code::busy;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "the guest was changed by somebody else: " + reconcile::describe(why);
    }
    friend auto operator==(const conflict&, const conflict&) -> bool = default;
};

/// Proxmox VE reported success, and the state shows none.
struct no_effect {
    std::string detail;

    static constexpr auto code = std::string_view{"without_effect"};
    static constexpr auto exit_status = exit_code::error;
    [[nodiscard]] auto describe() const -> std::string { return "answered with success, but " + detail; }
    friend auto operator==(const no_effect&, const no_effect&) -> bool = default;
};

/// The guest lives on, somewhere else: what was to be done here was not done.
struct guest_moved {
    proxmox::guest_is_elsewhere to;

    static constexpr auto code = std::string_view{"elsewhere"};
    static constexpr auto exit_status = exit_code::error;
    [[nodiscard]] auto describe() const -> std::string { return "not done: " + proxmox::describe(to); }
    friend auto operator==(const guest_moved&, const guest_moved&) -> bool = default;
};

/// Nothing was sent for it.
struct not_started {
    std::string why;

    static constexpr auto code = std::string_view{"not_begun"};
    static constexpr auto exit_status = exit_code::error;
    [[nodiscard]] auto describe() const -> std::string { return "not begun: " + why; }
    friend auto operator==(const not_started&, const not_started&) -> bool = default;
};

/// It was begun, and when it was to be sent it was no longer allowed: it was not done.
struct called_off {
    std::string cause; ///< stable: "veto", "digest", "expired"
    std::string why;

    static constexpr auto code = std::string_view{"called_off"};
    static constexpr auto exit_status = exit_code::refused;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "not carried out: " + why + "; its nonce is used: sign again";
    }
    friend auto operator==(const called_off&, const called_off&) -> bool = default;
};

/// It may have been done, be done later, or never.
struct outcome_unknown {
    std::string detail;
    std::optional<proxmox::upid> still_running = std::nullopt; ///< its task, which took longer than it is waited for

    static constexpr auto code = std::string_view{"unknown"};
    static constexpr auto exit_status = exit_code::unknown;
    [[nodiscard]] auto describe() const -> std::string
    {
        return still_running
                   ? "still running as " + still_running->text() + "; followed by the daemon or at the next start"
                   : "outcome unknown: " + detail;
    }
    friend auto operator==(const outcome_unknown&, const outcome_unknown&) -> bool = default;
};

/// An action before it on the same guest did not succeed.
struct not_attempted {
    static constexpr auto code = std::string_view{"not_attempted"};
    static constexpr auto exit_status = exit_code::success; ///< the action before it tells
    static constexpr auto description = std::string_view{"not attempted: an earlier action on this guest failed"};
    friend auto operator==(const not_attempted&, const not_attempted&) -> bool = default;
};

using action_outcome = std::variant<achieved, action_failed, conflict, no_effect, guest_moved, not_started, called_off,
                                    outcome_unknown, not_attempted>;

[[nodiscard]] inline auto is_achieved(const action_outcome& outcome) -> bool
{
    return std::holds_alternative<achieved>(outcome);
}

/// What Proxmox VE said is wrong although the state is as it was wanted: it stores some values and calls them an error,
/// at every later write too. Not where it only did not know how the call ended, or where somebody else was faster.
[[nodiscard]] inline auto complaint_in(const achieved& outcome) -> const proxmox::api_error*
{
    static constexpr auto first_hop_error = 595;
    if (!outcome.despite || outcome.by_another) {
        return nullptr;
    }
    const auto& trouble = *outcome.despite;
    const auto* const call = std::get_if<proxmox::call_error>(&trouble);
    const auto* const api = call == nullptr ? nullptr : std::get_if<proxmox::api_error>(call);
    if (api == nullptr || api->status >= first_hop_error) {
        return nullptr;
    }
    switch (classify(trouble).what) {
    case proxmox::error_class::busy:
    case proxmox::error_class::held:
    case proxmox::error_class::conflict:
    case proxmox::error_class::already_done:
        return nullptr;
    case proxmox::error_class::not_found_here:
    case proxmox::error_class::privilege:
    case proxmox::error_class::identity:
    case proxmox::error_class::request:
    case proxmox::error_class::cluster:
    case proxmox::error_class::unknown_outcome:
    case proxmox::error_class::transient:
        return api;
    }
    return api;
}

/// Achieved, and Proxmox VE did not complain.
[[nodiscard]] inline auto went_well(const action_outcome& outcome) -> bool
{
    const auto* const done = std::get_if<achieved>(&outcome);
    return done != nullptr && complaint_in(*done) == nullptr;
}

/// The stable name of an outcome, for programs.
[[nodiscard]] inline auto code_of(const action_outcome& outcome) -> std::string_view
{
    return felhom::code_of(outcome);
}

namespace detail {

/// Whether the call's answer never came, or came from a hop before Proxmox VE.
[[nodiscard]] inline auto is_answer_lost(const failure_cause& trouble) -> bool
{
    static constexpr auto first_hop_error = 595;
    const auto* const call = std::get_if<proxmox::call_error>(&trouble);
    const auto* const api = call == nullptr ? nullptr : std::get_if<proxmox::api_error>(call);
    return call != nullptr && (api == nullptr || api->status >= first_hop_error);
}

[[nodiscard]] inline auto describe_work(const others_work& of) -> std::string
{
    return "as wanted, but not by this operation: "
           + (of.task ? "task " + printable(of.task->text(), proxmox::upid::longest) + " of "
                            + printable(of.task->user()) + " did it"
                      : std::string{"the node knows no task of it"});
}

/// "; not in force before the guest's next start: timezone".
[[nodiscard]] inline auto describe_waiting(const std::vector<std::string>& keys) -> std::string
{
    auto text = std::string{};
    for (const auto& key : keys) {
        text += (text.empty() ? "; not in force before the guest's next start: " : ", ") + printable(key);
    }
    return text;
}

} // namespace detail

inline auto achieved::describe() const -> std::string
{
    if (by_another) {
        return detail::describe_work(*by_another) + (despite ? " (" + reconcile::describe(*despite) + ")" : "");
    }
    if (despite && detail::is_answer_lost(*despite)) {
        return "as desired; the answer was lost: " + reconcile::describe(*despite) + detail::describe_waiting(waiting);
    }
    auto text = "done" + detail::describe_waiting(waiting);
    text += warnings == 0 ? "" : " with " + std::to_string(warnings) + " warnings (see the task's log)";
    text += despite ? ", although: " + reconcile::describe(*despite) : "";
    // A 500 comes of writing what a start needs, and the start will fail in the same way (seen on 9.2.11).
    static constexpr auto internal_error = 500;
    const auto* const complaint = complaint_in(*this);
    const auto keeps_from_starting = complaint != nullptr && complaint->status == internal_error;
    return keeps_from_starting ? text + "; it is stored, and the guest will not start with it" : text;
}

[[nodiscard]] inline auto describe(const action_outcome& outcome) -> std::string
{
    return description_of(outcome);
}

/// The same with the commands that would grant what was missing.
[[nodiscard]] inline auto describe(const action_outcome& outcome, const proxmox::caller& who) -> std::string
{
    const auto* const failed = std::get_if<action_failed>(&outcome);
    return failed == nullptr ? describe(outcome) : failed->heading() + describe(failed->why, who);
}

} // namespace felhom::reconcile
