// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/operate/config_shown.hpp>
#include <felhom/operate/node_context.hpp>
#include <felhom/operate/operation/postcondition.hpp>
#include <felhom/operate/operation/shown_state.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/ask.hpp>
#include <felhom/operate/procedures/locate.hpp>
#include <felhom/proxmox/api/question.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/errors/classify.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/errors/error_class.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/model/partial_list.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/proxmox/model/power_state.hpp>
#include <felhom/proxmox/model/slot_volume.hpp>
#include <felhom/proxmox/model/snapshot_list.hpp>
#include <felhom/proxmox/model/storage.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace felhom::operate {

namespace detail {

/// Whether the node has no such guest.
[[nodiscard]] inline auto is_missing(const proxmox::call_error& error) -> bool
{
    return proxmox::classify(error, proxmox::intent::read).what == proxmox::error_class::not_found_here;
}

[[nodiscard]] inline auto shows(bool as_wanted, std::string otherwise) -> observed_state
{
    return {.as_wanted = as_wanted, .was_read = true, .detail = as_wanted ? std::string{} : std::move(otherwise)};
}

[[nodiscard]] inline auto has_snapshot(const proxmox::snapshot_list& list, std::string_view name) -> bool
{
    return std::ranges::any_of(list.snapshots, [&](const proxmox::snapshot& s) { return s.name == name; });
}

/// Asks, and holds what the answer shows against what is wanted.
template <typename T, typename Judge>
[[nodiscard]] auto look_by(proxmox::question<T> asked, Judge judge) -> procedure<observed_state>
{
    const auto read = co_await ask(std::move(asked));
    if (!read) {
        co_return observed_state{.detail = "it could not be read back: " + proxmox::describe(read.error()),
                                 .is_missing = is_missing(read.error())};
    }
    co_return judge(*read);
}

/// The keys of a configuration that were to be written.
[[nodiscard]] inline auto seen_of(const config_holds& wanted, const proxmox::pending_config& read,
                                  const node_context& at) -> observed_state
{
    const auto mismatch = mismatch_of(wanted, read, at.facts, at.table);
    auto waits = not_plugged(wanted, read, at.table);
    return {.as_wanted = !mismatch && waits.empty(),
            .was_read = true,
            .detail = mismatch.value_or(waits),
            .waiting = waiting_keys(wanted, read),
            .not_plugged = std::move(waits)};
}

/// The size of a volume.
[[nodiscard]] inline auto seen_of(const volume_is_at_least& wanted, const proxmox::pending_config& read)
    -> observed_state
{
    const auto entry = std::ranges::find(read.entries, wanted.disk.text(), &proxmox::pending_entry::key);
    const auto value = entry == read.entries.end() ? std::string{} : entry->value.value_or("");
    const auto volume = proxmox::parse_slot_volume(value);
    return shows(volume && volume->size >= wanted.size,
                 wanted.disk.text() + " reads '" + (value.empty() ? "(unset)" : printable(value)) + "'");
}

[[nodiscard]] inline auto look_for_gone(vmid guest, node_name node, bool we_did_it) -> procedure<observed_state>
{
    const auto found = co_await locate(guest, std::move(node));
    co_return gone_by(found, we_did_it);
}

[[nodiscard]] inline auto look_for_made(vmid guest, node_name node) -> procedure<observed_state>
{
    auto seen = co_await look_by(proxmox::read::guest_status(node, guest), [](const proxmox::guest_status& read) {
        const auto& lock = read.summary.lock;
        return shows(!lock, lock ? "the guest is locked (" + printable(*lock) + ")" : std::string{});
    });
    if (seen.is_missing) {
        seen.was_read = true;
        seen.detail = "the guest is not there";
    }
    co_return seen;
}

} // namespace detail

/// One look at the state.
[[nodiscard]] inline auto look(const postcondition& wanted, vmid guest, const node_context& at, bool we_did_it)
    -> procedure<observed_state>
{
    using detail::look_by;
    using detail::shows;
    using proxmox::read;
    using proxmox::snapshot_list;
    return std::visit(
        overloaded{
            [&](const config_holds& w) {
                return look_by(read::pending(at.node, guest), [w, at](const proxmox::pending_config& config) {
                    return detail::seen_of(w, config, at);
                });
            },
            [&](const volume_is_at_least& w) {
                return look_by(read::pending(at.node, guest),
                               [w](const proxmox::pending_config& config) { return detail::seen_of(w, config); });
            },
            [&](const guest_is& w) {
                return look_by(read::guest_status(at.node, guest), [w](const proxmox::guest_status& status) {
                    const auto runs = status.summary.power == proxmox::power_state::running;
                    return shows(status.summary.power == w.power,
                                 "the guest is " + std::string{runs ? "running" : "stopped"});
                });
            },
            [&](const guest_gone&) { return detail::look_for_gone(guest, at.node, we_did_it); },
            [&](const guest_made&) { return detail::look_for_made(guest, at.node); },
            [&](const snapshot_made& w) {
                return look_by(read::snapshots(at.node, guest), [w](const snapshot_list& list) {
                    return shows(detail::has_snapshot(list, w.name), "the snapshot is not listed");
                });
            },
            [&](const snapshot_gone& w) {
                return look_by(read::snapshots(at.node, guest), [w](const snapshot_list& list) {
                    return shows(!detail::has_snapshot(list, w.name), "the snapshot is still listed");
                });
            },
            [&](const rolled_back_to& w) {
                return look_by(read::snapshots(at.node, guest), [w](const snapshot_list& list) {
                    return shows(list.parent == w.name, "the guest does not go on from the snapshot");
                });
            },
            [&](const backup_gone& w) {
                return look_by(read::storage_content(at.node, w.volid.storage(), proxmox::volume_kind::backup),
                               [w](const proxmox::partial_list<proxmox::stored_volume>& volumes) {
                                   const auto is_listed =
                                       contains(volumes.rows, w.volid.text(), &proxmox::stored_volume::id);
                                   return !is_listed && !volumes.odd.empty()
                                              ? observed_state{.detail = "it could not be read back: "
                                                                         + proxmox::describe(volumes.odd.front().why)}
                                              : shows(!is_listed, "the backup is still listed");
                               });
            },
        },
        wanted);
}

} // namespace felhom::operate
