// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/exit_code.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/proxmox/errors/classify.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/reconcile/plan/action_outcome.hpp>
#include <felhom/reconcile/plan/action_result.hpp>
#include <felhom/reconcile/plan/plan.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace felhom::reconcile {

[[nodiscard]] constexpr auto exit_code_of(proxmox::error_class what) -> exit_code
{
    switch (what) {
    case proxmox::error_class::busy:
    case proxmox::error_class::held:
    case proxmox::error_class::cluster:
        return exit_code::busy;
    case proxmox::error_class::privilege:
    case proxmox::error_class::identity:
        return exit_code::denied;
    case proxmox::error_class::unknown_outcome:
        return exit_code::unknown;
    case proxmox::error_class::conflict:
    case proxmox::error_class::already_done:
    case proxmox::error_class::not_found_here:
    case proxmox::error_class::request:
    case proxmox::error_class::transient:
        return exit_code::error;
    }
    return exit_code::error;
}

/// Of a question that brought no answer. A 59x says that the daemon behind the one that answered could not be reached.
[[nodiscard]] inline auto exit_code_of(const proxmox::call_error& error) -> exit_code
{
    static constexpr auto first_hop_error = 595;
    const auto* const api = std::get_if<proxmox::api_error>(&error);
    if (api != nullptr && api->status >= first_hop_error) {
        return exit_code::unreachable;
    }
    const auto* const transport = std::get_if<net::transport_error>(&error);
    if (transport == nullptr) {
        return exit_code_of(proxmox::classify(error, proxmox::intent::read).what);
    }
    switch (transport->what) {
    case net::transport_error::kind::untrusted:
        return exit_code::denied;
    case net::transport_error::kind::unreachable:
    case net::transport_error::kind::timeout:
    case net::transport_error::kind::interrupted:
        return exit_code::unreachable;
    case net::transport_error::kind::too_large:
    case net::transport_error::kind::not_http:
        return exit_code::error;
    }
    return exit_code::error;
}

/// Of a failure that certainly left nothing behind.
[[nodiscard]] inline auto exit_code_of(const failure_cause& trouble) -> exit_code
{
    const auto* const call = std::get_if<proxmox::call_error>(&trouble);
    if (call != nullptr && std::holds_alternative<net::transport_error>(*call)) {
        return exit_code_of(*call);
    }
    return exit_code_of(classify(trouble).what);
}

[[nodiscard]] inline auto exit_code_of(const action_outcome& outcome) -> exit_code
{
    return told<exit_code>(
        outcome,
        overloaded{[](const auto& one) { return std::remove_cvref_t<decltype(one)>::exit_status; },
                   [](const achieved& o) { return complaint_in(o) == nullptr ? exit_code::success : exit_code::error; },
                   [](const action_failed& o) { return exit_code_of(o.why); }});
}

/// Of a difference that a pass leaves as it is.
[[nodiscard]] inline auto exit_code_of(const skip_reason& reason) -> exit_code
{
    return told<exit_code>(
        reason,
        overloaded{[](const auto& one) { return std::remove_cvref_t<decltype(one)>::exit_status; },
                   [](const whereabouts_unknown& r) { return r.unread ? exit_code_of(*r.unread) : exit_code::busy; },
                   [](const guest_unreadable& r) { return exit_code_of(r.why); }});
}

namespace detail {

/// Failures that have an exit status of their own.
struct coded_failure {
    std::string_view code;
    exit_code status;
};
inline constexpr auto coded_failures = std::array{
    coded_failure{"denied", exit_code::denied},
    coded_failure{"busy", exit_code::busy},
    coded_failure{"unreachable", exit_code::unreachable},
};

} // namespace detail

/// The stable name of a failure with that exit status, as records keep it; empty where it has none of its own.
[[nodiscard]] constexpr auto failure_code(exit_code status) -> std::string_view
{
    const auto* const found = std::ranges::find(detail::coded_failures, status, &detail::coded_failure::status);
    return found == detail::coded_failures.end() ? std::string_view{} : found->code;
}

/// The exit status of what failed with that code.
[[nodiscard]] constexpr auto exit_code_of_failure(std::string_view code) -> exit_code
{
    const auto* const found = std::ranges::find(detail::coded_failures, code, &detail::coded_failure::code);
    return found == detail::coded_failures.end() ? exit_code::error : found->status;
}

/// Of several codes, the one that must not go unnoticed.
[[nodiscard]] inline auto gravest(const std::vector<exit_code>& codes) -> exit_code
{
    return codes.empty() ? exit_code::success : std::ranges::max(codes, {}, gravity_of);
}

/// Of `plan`: whether the node is as desired, if that is known of every guest. A change that only waits for a restart
/// is made.
[[nodiscard]] inline auto exit_code_of(const plan& planned) -> exit_code
{
    auto codes = std::vector{planned.actions().empty() ? exit_code::success : exit_code::changes};
    for (const auto& skip : planned.skips()) {
        switch (knowledge_of(skip.why)) {
        case knowledge::in_sync:
            break;
        case knowledge::differs:
            codes.push_back(exit_code::changes);
            break;
        case knowledge::not_known:
            codes.push_back(exit_code_of(skip.why));
            break;
        }
    }
    return gravest(codes);
}

/// Of `apply`: what came of the actions, and what keeps the rest of the desired state from being reached.
[[nodiscard]] inline auto exit_code_of(const plan& planned, const std::vector<action_result>& results) -> exit_code
{
    auto codes = std::vector<exit_code>{};
    for (const auto& result : results) {
        codes.push_back(exit_code_of(result.outcome));
    }
    for (const auto& skip : planned.skips()) {
        codes.push_back(exit_code_of(skip.why));
    }
    return gravest(codes);
}

} // namespace felhom::reconcile
