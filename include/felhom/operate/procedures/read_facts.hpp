// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/operate/effect.hpp>
#include <felhom/operate/gate/guest_facts.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/postcondition.hpp>
#include <felhom/operate/operation/shown_state.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/ask.hpp>
#include <felhom/operate/procedures/fresh_look.hpp>
#include <felhom/operate/procedures/read_space.hpp>
#include <felhom/proxmox/api/question.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/errors/classify.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/errors/error_class.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/model/storage.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/actual/observation.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// What the gate must know of a guest, as it is asked of the node.
namespace felhom::operate {

namespace detail {

/// Whether the guest is not on this node, as far as the answer tells; an error where it does not.
[[nodiscard]] inline auto is_gone(const proxmox::answered<proxmox::guest_status>& status)
    -> tl::expected<bool, proxmox::call_error>
{
    if (status) {
        return false;
    }
    if (proxmox::classify(status.error(), proxmox::intent::read).what == proxmox::error_class::not_found_here) {
        return true;
    }
    return tl::unexpected(status.error());
}

} // namespace detail

/// Reads the configuration of a guest whose status was read, with its digest.
[[nodiscard]] inline auto read_config(proxmox::guest_status status, node_name node, vmid guest)
    -> procedure<tl::expected<present_guest, std::string>>
{
    using result = tl::expected<present_guest, std::string>;
    auto answer = co_await ask(proxmox::read::pending(node, guest));
    auto config = reconcile::understand_config(node, guest, std::move(answer));
    auto* const whole = std::get_if<reconcile::actual_config>(&config);
    if (whole == nullptr) {
        co_return result{tl::unexpected(std::string{"the configuration could not be read whole"})};
    }
    co_return result{
        present_guest{.power = status.summary.power, .lock = status.summary.lock, .config = std::move(*whole)}};
}

/// Reads what the gate must know for this operation. Snapshots and configuration stand in one file of one digest
/// (PVE/API2/LXC/Snapshot.pm tells it beside the row "current"): where the two reads show two of them, somebody changed
/// the guest in between, and it has to be read again.
[[nodiscard]] inline auto read_facts(node_name node, vmid guest, signed_operation op)
    -> procedure<tl::expected<guest_facts, std::string>>
{
    using result = tl::expected<guest_facts, std::string>;
    auto facts = guest_facts{};
    auto status = co_await ask(proxmox::read::guest_status(node, guest));
    const auto gone = detail::is_gone(status);
    if (!gone) {
        co_return result{tl::unexpected(proxmox::describe(gone.error()))};
    }
    auto snapshots_of = std::optional<proxmox::config_digest>{};
    if (concerns_snapshots(op) && !*gone) {
        auto list = co_await ask(proxmox::read::snapshots(node, guest));
        if (!list) {
            co_return result{tl::unexpected(proxmox::describe(list.error()))};
        }
        facts.snapshots = std::move(list->snapshots);
        snapshots_of = std::move(list->digest);
    }
    if (!*gone) {
        auto found = co_await read_config(*std::move(status), node, guest);
        if (!found) {
            co_return result{tl::unexpected(std::move(found).error())};
        }
        if (concerns_snapshots(op) && !snapshots_of) {
            co_return result{tl::unexpected(std::string{"its list of snapshots names no digest"})};
        }
        if (concerns_snapshots(op) && snapshots_of != found->config.digest) {
            co_return result{tl::unexpected(
                std::string{"it was changed between the reads of its snapshots and of its configuration"})};
        }
        facts.guest = *std::move(found);
    }
    const auto wanted = postcondition_of(op);
    if (const auto* const grown = std::get_if<volume_is_at_least>(&wanted); grown != nullptr && facts.guest) {
        facts.space = co_await read_space(node, *grown, facts.guest->config);
    }
    if (const auto* const deletion = std::get_if<backup_delete>(&op)) {
        auto question = proxmox::read::storage_content(node, deletion->volid.storage(), proxmox::volume_kind::backup);
        auto answer = co_await ask(std::move(question));
        const auto volumes = every_row(std::move(answer));
        if (!volumes) {
            co_return result{tl::unexpected(proxmox::describe(volumes.error()))};
        }
        const auto listed = std::ranges::find(*volumes, deletion->volid.text(), &proxmox::stored_volume::id);
        if (listed != volumes->end()) {
            facts.backup = *listed;
        }
    }
    co_return result{std::move(facts)};
}

/// The only maker of a fresh look.
struct take_fresh_look {
    /// Reads the guest, and asks the owner last: nothing is waited for after that.
    [[nodiscard]] static auto of(node_name node, vmid guest, signed_operation op) -> procedure<fresh_look>
    {
        const auto begun = co_await read_steady_clock{};
        auto facts = co_await read_facts(std::move(node), guest, std::move(op));
        const auto at = co_await read_steady_clock{};
        auto around = co_await look_around{};
        co_return fresh_look{begun, std::move(facts), at, std::move(around)};
    }
};

} // namespace felhom::operate
