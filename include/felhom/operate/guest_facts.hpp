#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/operate/ask.hpp>
#include <felhom/operate/operation.hpp>
#include <felhom/operate/postcondition.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/proxmox/config_digest.hpp>
#include <felhom/reconcile/actual_state.hpp>
#include <felhom/reconcile/observation.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::operate {

/// A guest that is there, as it was read inside its lane.
struct present_guest {
    proxmox::power_state power;
    std::optional<std::string> lock;
    reconcile::actual_config config;

    friend auto operator==(const present_guest&, const present_guest&) -> bool = default;
};

/// What the gate must know before an operation begins.
struct guest_facts {
    std::optional<present_guest> guest;            ///< nothing: there is none of that number on this node
    std::vector<proxmox::snapshot> snapshots = {}; ///< read only where the operation names one, or takes all
    std::optional<proxmox::stored_volume> backup = std::nullopt; ///< read only where the operation deletes one

    friend auto operator==(const guest_facts&, const guest_facts&) -> bool = default;
};

/// The value of a key as it will be after a restart, or null.
[[nodiscard]] inline auto value_of(const reconcile::actual_config& config, std::string_view key) -> const std::string*
{
    const auto found = std::ranges::find(config.entries, key, &proxmox::pending_entry::key);
    return found == config.entries.end() ? nullptr : reconcile::stored_value(*found);
}

/// Whether both configurations come to the same after a restart: what a stop applies by itself is no difference.
[[nodiscard]] inline auto come_to_the_same(const reconcile::actual_config& a, const reconcile::actual_config& b) -> bool
{
    const auto effective = [](const reconcile::actual_config& config) {
        auto all = std::vector<std::pair<std::string_view, std::string_view>>{};
        for (const auto& entry : config.entries) {
            if (const auto* const value = reconcile::stored_value(entry)) {
                all.emplace_back(entry.key, *value);
            }
        }
        return all;
    };
    return effective(a) == effective(b);
}

/// The operation's own question about snapshots or backups; nothing where it has none.
[[nodiscard]] inline auto snapshot_named_by(const signed_operation& op) -> const proxmox::snapshot_name*
{
    if (const auto* const rollback = std::get_if<guest_rollback>(&op)) {
        return &rollback->snapshot;
    }
    const auto* const deletion = std::get_if<guest_delete_snapshot>(&op);
    return deletion == nullptr ? nullptr : &deletion->snapshot;
}

/// Whether the operation is held against the guest's snapshots: a destroy takes all of them.
[[nodiscard]] inline auto concerns_snapshots(const signed_operation& op) -> bool
{
    return snapshot_named_by(op) != nullptr || std::holds_alternative<guest_destroy>(op);
}

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

} // namespace felhom::operate
