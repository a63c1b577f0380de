// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/host_id.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/procedure.hpp>
#include <felhom/host_tools/run.hpp>
#include <felhom/host_tools/sensors.hpp>
#include <felhom/host_tools/smart.hpp>
#include <felhom/host_tools/systemctl.hpp>
#include <felhom/hub/report/host_report.hpp>
#include <felhom/hub/report/last_pass.hpp>
#include <felhom/hub/report/left_out.hpp>
#include <felhom/operate/procedures/ask.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/model/acl_path.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/proxmox/model/permissions.hpp>
#include <felhom/reconcile/privileges/needed_privileges.hpp>

#include <range/v3/view/zip.hpp>
#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

// What a report is made from is collected: the node is asked, and this host's own programs. Nothing is changed.
namespace felhom::hub {

/// Runs a program of this host.
struct run_tool {
    using answer = tl::expected<host_tools::finished, host_tools::error>;

    explicit run_tool(host_tools::command made) : call{std::move(made)} {}

    host_tools::command call;
};

/// The disks to ask, or why none is asked.
struct list_disks {
    using answer = tl::expected<std::vector<host_tools::disk_device>, source_error>;
};

/// What cloudflared says of its tunnel; nothing: nobody asks it.
struct ask_tunnel {
    using answer = std::optional<tl::expected<tunnel_readiness, source_error>>;
};

/// What this agent knows of itself and of its host's clock.
struct own_observations {
    observed<hub::audit_tail> audit_tail;
    observed<std::vector<unknown_operation>> unknown_operations;
    hub::last_pass last_pass;
    tl::expected<bool, source_error> clock_synchronized;
    std::optional<clock_step> clock_set = std::nullopt; ///< the last time that somebody set the clock
};
struct observe_self {
    using answer = own_observations;
};

using collecting_effect =
    effects_with<operate::reading_effect, operate::read_clock, run_tool, list_disks, ask_tunnel, observe_self>;

template <typename T>
using collecting = procedure<collecting_effect, T>;

/// Of what a report is made.
struct report_subject {
    host_id host;
    std::string agent_version;
    node_name node;
    bool temperatures = false; ///< are asked for
};

namespace detail {

using known_grants = tl::expected<proxmox::permissions, source_error>;

template <typename T>
[[nodiscard]] auto not_collected(instant at, std::string why) -> observed<T>
{
    return {.at = at, .result = tl::unexpected(source_error{source_error::kind::not_collected, std::move(why)})};
}

/// What one answer of the node's says.
template <typename T>
[[nodiscard]] auto seen(instant at, proxmox::answered<T> answer) -> observed<T>
{
    return {.at = at,
            .result = std::move(answer).map_error([](const proxmox::call_error& why) { return source_error_of(why); })};
}

/// What a program said, at the time after it.
template <typename T, typename Read>
[[nodiscard]] auto ask_tool(host_tools::command call, Read read) -> collecting<observed<T>>
{
    const auto ended = co_await run_tool{std::move(call)};
    const auto now = co_await operate::read_clock{};
    auto result = ended.and_then(read).map_error([](const host_tools::error& why) { return source_error_of(why); });
    co_return observed<T>{.at = now, .result = std::move(result)};
}

[[nodiscard]] inline auto ask_cloudflared() -> collecting<observed<host_tools::unit_state>>
{
    static const auto unit = *host_tools::unit_name::parse("cloudflared");
    co_return co_await ask_tool<host_tools::unit_state>(host_tools::systemctl::is_active(unit),
                                                        host_tools::systemctl::read_is_active);
}

[[nodiscard]] inline auto ask_about_tunnel() -> collecting<std::optional<observed<tunnel_readiness>>>
{
    auto told = co_await ask_tunnel{};
    const auto now = co_await operate::read_clock{};
    if (!told) {
        co_return std::nullopt;
    }
    co_return observed<tunnel_readiness>{.at = now, .result = *std::move(told)};
}

/// One disk that cannot be asked does not hide the others.
[[nodiscard]] inline auto ask_disks() -> collecting<observed<disk_answers>>
{
    const auto listed = co_await list_disks{};
    auto answers = disk_answers{};
    for (const auto& disk : listed.value_or(std::vector<host_tools::disk_device>{})) {
        const auto ended = co_await run_tool{host_tools::smartctl::report(disk)};
        answers.emplace_back(disk, ended.and_then(host_tools::smartctl::read_report));
    }
    const auto now = co_await operate::read_clock{};
    if (!listed) {
        co_return observed<disk_answers>{.at = now, .result = tl::unexpected(listed.error())};
    }
    co_return observed<disk_answers>{.at = now, .result = std::move(answers)};
}

[[nodiscard]] inline auto ask_sensors(bool wanted) -> collecting<observed<host_tools::temperatures_read>>
{
    using temperatures = host_tools::temperatures_read;
    if (!wanted) {
        const auto now = co_await operate::read_clock{};
        co_return not_collected<temperatures>(now, "report.hardware is off");
    }
    co_return co_await ask_tool<temperatures>(host_tools::sensors::read_all(), host_tools::sensors::read_temperatures);
}

/// The storages that may hold backups that count, those that were asked and those that are not active. What a storage
/// that is enabled and not active holds is not known; one that its owner disabled holds nothing that counts.
struct backup_storages {
    std::vector<proxmox::node_storage> to_ask;
    std::vector<proxmox::node_storage> not_active;
};

[[nodiscard]] inline auto backup_storages_in(const std::vector<proxmox::node_storage>& listed) -> backup_storages
{
    auto found = backup_storages{};
    for (const auto& storage : listed) {
        if (storage.status.enabled && contains(storage.status.content, "backup")) {
            (storage.status.active ? found.to_ask : found.not_active).push_back(storage);
        }
    }
    return found;
}

/// The second round: what is asked of each guest and each storage that the first one found. The cluster's list stands
/// in where the node's guests could not be listed.
[[nodiscard]] inline auto ask_each(host_observations of, known_grants granted) -> collecting<host_observations>
{
    using proxmox::read;
    auto guests = std::vector<vmid>{};
    auto configs = std::vector<proxmox::question<proxmox::pending_config>>{};
    if (of.guests.list.result) {
        for (const auto& guest : *of.guests.list.result) {
            guests.push_back(guest.id);
            configs.push_back(read::pending(of.node, guest.id));
        }
    }
    const auto storages = backup_storages_in(of.storages.list.result.value_or(std::vector<proxmox::node_storage>{}));
    auto backups = std::vector<proxmox::question<proxmox::partial_list<proxmox::stored_volume>>>{};
    for (const auto& storage : storages.to_ask) {
        backups.push_back(read::storage_content(of.node, storage.id, proxmox::volume_kind::backup));
    }
    for (const auto& storage : storages.not_active) {
        of.storages.backups.push_back(not_active(storage, of.storages.list.at));
    }
    auto cluster_guests = of.guests.list.result ? std::nullopt : std::optional{read::cluster_guests()};
    auto questions = proxmox::questions{std::move(configs), std::move(backups), std::move(cluster_guests)};
    auto [pending, volumes, cluster] = co_await operate::ask_patiently(std::move(questions));
    for (auto&& [guest, config] : ranges::views::zip(guests, pending)) {
        of.guests.specs.emplace(guest, std::move(config)
                                           .map_error([](const auto& why) { return source_error_of(why); })
                                           .and_then([](const auto& found) { return spec_of(found); }));
    }
    const auto at = co_await operate::read_clock{};
    for (auto&& [storage, content] : ranges::views::zip(storages.to_ask, volumes)) {
        auto told = hub::told(seen(at, std::move(content)),
                              why_left_out(reconcile::needed_for_backups(proxmox::acl_path::of(storage.id)), granted));
        of.storages.backups.push_back({.storage = storage.id,
                                       .type = storage.status.type,
                                       .volumes = std::move(told.rows),
                                       .left_out = std::move(told.left_out)});
    }
    if (cluster && *cluster) {
        of.guests.cluster = std::move((*cluster)->rows);
    }
    co_return of;
}

} // namespace detail

/// Asks the node and this host, and answers what they said.
[[nodiscard]] inline auto collect_observations(report_subject of) -> collecting<host_observations>
{
    using proxmox::read;
    const auto now = co_await operate::read_clock{};
    auto questions = proxmox::questions{read::node_status(of.node), read::guests(of.node), read::node_storages(of.node),
                                        read::permissions(), read::virtual_machines(of.node)};
    auto [status, containers, stores, permissions, machines] = co_await operate::ask_patiently(std::move(questions));
    const auto granted = detail::seen(now, std::move(permissions)).result;
    const auto for_guests = why_left_out(reconcile::needed_for_guests(), granted);
    auto guests = told(detail::seen(now, std::move(containers)), for_guests);
    auto vms = told(detail::seen(now, std::move(machines)), for_guests);
    auto storages = told(detail::seen(now, std::move(stores)), why_left_out(reconcile::needed_for_storages(), granted));
    auto cloudflared = co_await detail::ask_cloudflared();
    auto tunnel = co_await detail::ask_about_tunnel();
    auto disks = co_await detail::ask_disks();
    auto temperatures = co_await detail::ask_sensors(of.temperatures);
    auto own = co_await observe_self{};
    auto found = host_observations{
        .host = std::move(of.host),
        .agent_version = std::move(of.agent_version),
        .now = now,
        .node = std::move(of.node),
        .node_status = detail::seen(now, std::move(status)),
        .guests = {.list = std::move(guests.rows), .left_out = std::move(guests.left_out)},
        .vms = {.list = std::move(vms.rows), .left_out = std::move(vms.left_out)},
        .cloudflared = std::move(cloudflared),
        .tunnel = std::move(tunnel),
        .storages = {.list = std::move(storages.rows), .left_out = std::move(storages.left_out)},
        .restore_tests = detail::not_collected<std::vector<restore_test>>(now, "this agent makes no restore tests"),
        .disks = std::move(disks),
        .temperatures = std::move(temperatures),
        .audit_tail = std::move(own.audit_tail),
        .desired = observed_desired(own.last_pass, now),
        .drift = observed_drift(own.last_pass, now),
        .unknown_operations = std::move(own.unknown_operations),
        .clock_synchronized = {.at = now, .result = std::move(own.clock_synchronized)},
        .clock_set = own.clock_set,
    };
    co_return co_await detail::ask_each(std::move(found), granted);
}

} // namespace felhom::hub
