// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/errors/error_class.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>
#include <variant>

namespace felhom::proxmox {

/// Whether a call was to change something.
enum class intent { read, write };

/// A text of Proxmox VE and what it means. `*` stands for any text; the pattern may stand anywhere in the message.
struct known_text {
    std::string_view pattern;
    error_class what;
    error_action action;
};

/// Texts in the order in which they are tried. The word after each group names where Proxmox VE says so.
inline constexpr auto known_texts = std::array{
    // pve-container LXC/Config.pm and LXC.pm: locks that outlive a crash of their owner need a person
    known_text{"is locked (create)", error_class::held, error_action::ask_operator},
    known_text{"is locked (destroyed)", error_class::held, error_action::ask_operator},
    known_text{"is locked (mounted)", error_class::held, error_action::ask_operator},
    known_text{"is locked (*)", error_class::held, error_action::wait_for_owner},
    // pve-common Tools.pm lock_file; pve-cluster Cluster.pm cfs_lock
    known_text{"can't lock file '*' - got timeout", error_class::busy, error_action::retry_with_backoff},
    known_text{"cfs-lock '*' error: got lock request timeout", error_class::busy, error_action::retry_with_backoff},
    // pve-cluster Cluster.pm, pmxcfs
    known_text{"cluster not ready - no quorum?", error_class::cluster, error_action::stop_writing},
    known_text{"no quorum!", error_class::cluster, error_action::stop_writing},
    known_text{"pve cluster filesystem not online", error_class::cluster, error_action::stop_writing},
    known_text{"/etc/pve/*Permission denied", error_class::cluster, error_action::stop_writing},
    // pve-common Tools.pm assert_if_modified
    known_text{"detected modified configuration - file changed by other user?", error_class::conflict,
               error_action::read_and_replan},
    // pve-cluster Cluster.pm check_vmid_unused; pve-container API2/LXC.pm
    known_text{"already exists on node '*'", error_class::conflict, error_action::read_and_replan},
    known_text{"VM * already exists", error_class::conflict, error_action::read_and_replan},
    known_text{"unable to destroy CT * - container is running", error_class::conflict, error_action::read_and_replan},
    known_text{"can't overwrite running container", error_class::conflict, error_action::read_and_replan},
    known_text{"unable to hotplug *container not running", error_class::conflict, error_action::read_and_replan},
    // pve-guest-common AbstractConfig.pm
    known_text{"snapshot name '*' already used", error_class::conflict, error_action::read_and_replan},
    known_text{"snapshot '*' does not exist", error_class::conflict, error_action::read_and_replan},
    known_text{"snapshot feature is not available", error_class::request, error_action::correct_the_request},
    known_text{"unable to use snapshot name '*' (reserved name)", error_class::request,
               error_action::correct_the_request},
    known_text{"can't rollback, '*' is not most recent snapshot", error_class::request,
               error_action::correct_the_request},
    // pve-container API2/LXC/Status.pm, API2/LXC.pm
    known_text{"CT * already running", error_class::already_done, error_action::take_as_done},
    known_text{"CT * not running", error_class::already_done, error_action::take_as_done},
    known_text{"VM * not running", error_class::already_done, error_action::take_as_done},
    known_text{"you can't convert a template to a template", error_class::already_done, error_action::take_as_done},
    known_text{"disk is already at specified size", error_class::already_done, error_action::take_as_done},
    // pve-ha-manager, asked where HA is not in use
    known_text{"no such resource '*'", error_class::already_done, error_action::take_as_done},
    // pve-guest-common AbstractConfig.pm load_config
    known_text{"Configuration file 'nodes/*' does not exist", error_class::not_found_here,
               error_action::look_up_in_cluster},
    // pve-manager API2/Tasks.pm: the log was rotated away, or not yet written
    known_text{"no such task", error_class::unknown_outcome, error_action::read_back},
    // pve-common RESTEnvironment.pm fork_worker, Tools.pm upid_read_status
    known_text{"got no worker upid - start worker failed", error_class::unknown_outcome, error_action::read_back},
    known_text{"unexpected status", error_class::unknown_outcome, error_action::read_back},
    known_text{"unable to get last line from task log", error_class::unknown_outcome, error_action::read_back},
    known_text{"received interrupt", error_class::unknown_outcome, error_action::read_back},
    // pve-container LXC/Config.pm, LXC.pm: what only root@pam may do, where it is no 403
    known_text{"Only root may use this option.", error_class::identity, error_action::use_root_path},
    known_text{"Only root can pass arbitrary filesystem paths", error_class::identity, error_action::use_root_path},
    known_text{"only root can set '*' config", error_class::identity, error_action::use_root_path},
    known_text{"is only possible for root", error_class::identity, error_action::use_root_path},
    // pve-container: what the guest's own state forbids until somebody changes it
    known_text{"protection mode enabled", error_class::request, error_action::correct_the_request},
    known_text{"used in HA resources and purge parameter not set", error_class::request,
               error_action::correct_the_request},
    known_text{"you can't start a CT if it's a template", error_class::request, error_action::correct_the_request},
    known_text{"container did not stop", error_class::request, error_action::ask_operator},
    known_text{"no options specified", error_class::request, error_action::correct_the_request},
    known_text{"read-only option: '*'", error_class::request, error_action::correct_the_request},
    known_text{"unable to delete required option", error_class::request, error_action::correct_the_request},
    known_text{"Quotas are not supported by unprivileged containers", error_class::request,
               error_action::correct_the_request},
    known_text{"is bigger than bridge MTU", error_class::request, error_action::correct_the_request},
    known_text{"unable to shrink disk size", error_class::request, error_action::correct_the_request},
    // pve-storage Storage.pm
    known_text{"storage '*' is not online", error_class::transient, error_action::retry_with_backoff},
    known_text{"storage '*' does not exist", error_class::request, error_action::correct_the_request},
    known_text{"storage '*' is disabled", error_class::request, error_action::correct_the_request},
    known_text{"No such storage", error_class::request, error_action::correct_the_request},
    known_text{"does not allow content type", error_class::request, error_action::correct_the_request},
    known_text{"does not support container directories", error_class::request, error_action::correct_the_request},
    known_text{"dataset does not exist", error_class::request, error_action::correct_the_request},
    // pve-cluster Cluster.pm remote_node_ip; AnyEvent::HTTP: a name that is no node's, or its certificate
    known_text{"hostname lookup '*' failed", error_class::request, error_action::correct_the_request},
};

namespace detail {

/// Whether the pieces of a pattern between its `*` occur in that order.
[[nodiscard]] constexpr auto mentions(std::string_view text, std::string_view pattern) -> bool
{
    while (true) {
        const auto star = pattern.find('*');
        const auto piece = pattern.substr(0, star);
        const auto found = text.find(piece);
        if (found == std::string_view::npos) {
            return false;
        }
        if (star == std::string_view::npos) {
            return true;
        }
        text.remove_prefix(found + piece.size());
        pattern.remove_prefix(star + 1);
    }
}

[[nodiscard]] constexpr auto find_known_text(std::string_view text) -> std::optional<classification>
{
    for (const auto& known : known_texts) {
        if (mentions(text, known.pattern)) {
            return classification{known.what, known.action};
        }
    }
    return std::nullopt;
}

inline constexpr auto unknown_outcome = classification{error_class::unknown_outcome, error_action::read_back};
inline constexpr auto passing = classification{error_class::transient, error_action::retry_with_backoff};
inline constexpr auto wrong_request = classification{error_class::request, error_action::correct_the_request};

/// A failure that says nothing of what was done: a read may be repeated, a write must be read back.
[[nodiscard]] constexpr auto silent_failure(intent meant) -> classification
{
    return meant == intent::read ? passing : unknown_outcome;
}

[[nodiscard]] inline auto classify(const refusal& why) -> classification
{
    return told<classification>(why, [](const auto& one) { return std::remove_cvref_t<decltype(one)>::means; });
}

[[nodiscard]] inline auto classify(const net::transport_error& error, intent meant) -> classification
{
    if (meant == intent::write && error.maybe_sent) {
        return unknown_outcome;
    }
    switch (error.what) {
    case net::transport_error::kind::unreachable:
    case net::transport_error::kind::timeout:
    case net::transport_error::kind::interrupted:
        return passing;
    case net::transport_error::kind::untrusted:
        return {error_class::identity, error_action::ask_operator};
    case net::transport_error::kind::too_large:
    case net::transport_error::kind::not_http:
        return wrong_request;
    }
    return unknown_outcome;
}

[[nodiscard]] inline auto find_known_text(const api_error& error) -> std::optional<classification>
{
    if (const auto known = find_known_text(error.message)) {
        return known;
    }
    for (const auto& field : error.fields) {
        if (const auto known = find_known_text(field.second)) {
            return known;
        }
    }
    return std::nullopt;
}

/// 595 to 599 come from the hop between two daemons. 596 is also what a wrong node name ends in, when the certificate
/// of the other end does not fit.
[[nodiscard]] inline auto classify_hop(const api_error& error, intent meant) -> classification
{
    static constexpr auto tls_or_headers = 596;
    static constexpr auto tls_signs = std::array<std::string_view, 5>{"tls", "TLS", "SSL", "certificate", "verify"};
    for (const auto& sign : tls_signs) {
        if (error.status == tls_or_headers && error.message.find(sign) != std::string_view::npos) {
            return wrong_request;
        }
    }
    return silent_failure(meant);
}

[[nodiscard]] inline auto classify(const api_error& error, intent meant) -> classification
{
    static constexpr auto unauthorized = 401;
    static constexpr auto internal_error = 500;
    static constexpr auto not_implemented = 501;
    static constexpr auto bad_content_type = 506;
    static constexpr auto first_hop = 595;
    if (error.status == unauthorized) {
        return {error_class::identity, error_action::check_credentials};
    }
    if (error.refusal) {
        return classify(*error.refusal);
    }
    if (error.status >= first_hop) {
        return classify_hop(error, meant);
    }
    if (const auto known = find_known_text(error)) {
        return *known;
    }
    if (error.status < internal_error || error.status == not_implemented || error.status == bad_content_type) {
        return wrong_request;
    }
    return silent_failure(meant);
}

[[nodiscard]] inline auto classify(const decode_error& /*error*/, intent meant) -> classification
{
    return silent_failure(meant);
}

} // namespace detail

/// What an error means and what to do. A 5xx without a known text says nothing about a write: Proxmox VE may have made
/// the change and failed after.
[[nodiscard]] inline auto classify(const call_error& error, intent meant) -> classification
{
    return std::visit([&](const auto& e) { return detail::classify(e, meant); }, error);
}

/// The same for a task that ended without success. Without a known text the failure is certain and its cure is not.
[[nodiscard]] inline auto classify(const task_error& error) -> classification
{
    if (error.refusal) {
        return detail::classify(*error.refusal);
    }
    return detail::find_known_text(error.exit_status).value_or(detail::wrong_request);
}

} // namespace felhom::proxmox
