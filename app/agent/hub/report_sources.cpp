#include "agent/hub/report_sources.hpp"

#include "agent/engine/ask.hpp"

#include <felhom/core/contains.hpp>
#include <felhom/host_tools/block_device.hpp>
#include <felhom/host_tools/systemctl.hpp>
#include <felhom/hub/left_out.hpp>
#include <felhom/proxmox/acl_path.hpp>
#include <felhom/proxmox/pending.hpp>
#include <felhom/proxmox/permissions.hpp>
#include <felhom/proxmox/read.hpp>
#include <felhom/proxmox/reply.hpp>
#include <felhom/proxmox/vm_summary.hpp>
#include <felhom/reconcile/needed_privileges.hpp>

#include <range/v3/view/zip.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

namespace felhom::agent {

namespace {

using hub::observed;
using hub::source_error;

template <typename T>
[[nodiscard]] auto not_collected(instant at, std::string why) -> observed<T>
{
    return {.at = at, .result = tl::unexpected(source_error{source_error::kind::not_collected, std::move(why)})};
}

/// What one answer of the node's says.
template <typename T>
[[nodiscard]] auto seen(instant at, proxmox::answered<T> answer) -> observed<T>
{
    return {.at = at, .result = std::move(answer).map_error([](const proxmox::call_error& why) {
                return hub::source_error_of(why);
            })};
}

[[nodiscard]] auto cloudflared_of(const report_sources& from) -> observed<host_tools::unit_state>
{
    static const auto unit = *host_tools::unit_name::parse("cloudflared");
    return {.at = from.in.now(),
            .result = from.run(host_tools::systemctl::is_active(unit))
                          .and_then(host_tools::systemctl::read_is_active)
                          .map_error([](const host_tools::error& why) { return hub::source_error_of(why); })};
}

[[nodiscard]] auto tunnel_of(const report_sources& from) -> std::optional<observed<hub::tunnel_readiness>>
{
    return from.tunnel ? std::optional{observed<hub::tunnel_readiness>{.at = from.in.now(), .result = from.tunnel()}}
                       : std::nullopt;
}

[[nodiscard]] auto disks_of(const report_sources& from) -> observed<hub::disk_answers>
{
    const auto listed = from.disks();
    if (!listed) {
        return {.at = from.in.now(), .result = tl::unexpected(listed.error())};
    }
    auto answers = hub::disk_answers{};
    for (const auto& disk : *listed) {
        answers.emplace_back(disk,
                             from.run(host_tools::smartctl::report(disk)).and_then(host_tools::smartctl::read_report));
    }
    return {.at = from.in.now(), .result = std::move(answers)};
}

[[nodiscard]] auto temperatures_of(const report_sources& from) -> observed<host_tools::temperatures_read>
{
    if (!from.temperatures) {
        return not_collected<host_tools::temperatures_read>(from.in.now(), "report.hardware is off");
    }
    return {.at = from.in.now(),
            .result = from.run(host_tools::sensors::read_all())
                          .and_then(host_tools::sensors::read_temperatures)
                          .map_error([](const host_tools::error& why) { return hub::source_error_of(why); })};
}

using known_grants = tl::expected<proxmox::permissions, source_error>;

/// The second round: what is asked of each guest and each storage that the first one found. What a storage that is
/// enabled and not active holds is not known; one that its owner disabled holds nothing that counts.
void ask_each(const report_sources& from, const known_grants& granted, hub::host_observations& of)
{
    using proxmox::read;
    auto guests = std::vector<vmid>{};
    auto configs = std::vector<proxmox::question<proxmox::pending_config>>{};
    if (of.guests.list.result) {
        for (const auto& guest : *of.guests.list.result) {
            guests.push_back(guest.id);
            configs.push_back(read::pending(from.node, guest.id));
        }
    }
    auto storages = std::vector<proxmox::node_storage>{};
    auto backups = std::vector<proxmox::question<proxmox::partial_list<proxmox::stored_volume>>>{};
    if (of.storages.list.result) {
        for (const auto& storage : *of.storages.list.result) {
            if (!storage.status.enabled || !contains(storage.status.content, "backup")) {
                continue;
            }
            if (storage.status.active) {
                storages.push_back(storage);
                backups.push_back(read::storage_content(from.node, storage.id, proxmox::volume_kind::backup));
            } else {
                of.storages.backups.push_back(hub::not_active(storage, of.storages.list.at));
            }
        }
    }
    auto cluster_guests = of.guests.list.result ? std::nullopt : std::optional{read::cluster_guests()};
    auto [pending, volumes, cluster] =
        ask(from.in, proxmox::questions{std::move(configs), std::move(backups), std::move(cluster_guests)});
    for (auto&& [guest, config] : ranges::views::zip(guests, pending)) {
        of.guests.specs.emplace(guest, std::move(config)
                                           .map_error([](const auto& why) { return hub::source_error_of(why); })
                                           .and_then([](const auto& read) { return hub::spec_of(read); }));
    }
    const auto at = from.in.now();
    for (auto&& [storage, content] : ranges::views::zip(storages, volumes)) {
        auto told =
            hub::told(seen(at, std::move(content)),
                      hub::why_left_out(reconcile::needed_for_backups(proxmox::acl_path::of(storage.id)), granted));
        of.storages.backups.push_back({.storage = storage.id,
                                       .type = storage.status.type,
                                       .volumes = std::move(told.rows),
                                       .left_out = std::move(told.left_out)});
    }
    if (cluster && *cluster) {
        of.guests.cluster = std::move((*cluster)->rows);
    }
}

/// The word in a file of sysfs; none where there is no such file.
[[nodiscard]] auto word_in(const std::filesystem::path& file) -> std::string
{
    auto word = std::string{};
    std::ifstream{file} >> word;
    return word;
}

} // namespace

auto disks_in(const std::string& directory) -> tl::expected<std::vector<host_tools::disk_device>, source_error>
{
    auto ec = std::error_code{};
    auto all = std::vector<host_tools::disk_device>{};
    for (auto at = std::filesystem::directory_iterator{directory, ec};
         !ec && at != std::filesystem::directory_iterator{}; at.increment(ec)) {
        const auto name = at->path().filename().string();
        const auto disk = host_tools::disk_device::parse("/dev/" + name);
        if (!disk) {
            continue;
        }
        const auto has_device = std::filesystem::exists(at->path() / "device", ec);
        if (ec) {
            break;
        }
        if (host_tools::is_disk({.name = name,
                                 .has_device = has_device,
                                 .hidden = word_in(at->path() / "hidden"),
                                 .size = word_in(at->path() / "size")})) {
            all.push_back(*disk);
        }
    }
    if (ec) {
        return tl::unexpected(source_error{source_error::kind::failed, directory + ": " + ec.message()});
    }
    std::ranges::sort(all, {}, &host_tools::disk_device::text);
    return all;
}

auto collect(const report_sources& from) -> hub::host_observations
{
    const auto now = from.in.now();
    using proxmox::read;
    auto [status, containers, stores, permissions, machines] =
        ask(from.in,
            proxmox::questions{read::node_status(from.node), read::guests(from.node), read::node_storages(from.node),
                               read::permissions(), read::virtual_machines(from.node)});
    const auto granted = seen(now, std::move(permissions)).result;
    auto guests =
        hub::told(seen(now, std::move(containers)), hub::why_left_out(reconcile::needed_for_guests(), granted));
    auto vms = hub::told(seen(now, std::move(machines)), hub::why_left_out(reconcile::needed_for_guests(), granted));
    auto storages =
        hub::told(seen(now, std::move(stores)), hub::why_left_out(reconcile::needed_for_storages(), granted));
    const auto last = from.last_pass();
    auto of = hub::host_observations{
        .host = from.host,
        .agent_version = from.agent_version,
        .now = now,
        .node = from.node,
        .node_status = seen(now, std::move(status)),
        .guests = {.list = std::move(guests.rows), .left_out = std::move(guests.left_out)},
        .vms = {.list = std::move(vms.rows), .left_out = std::move(vms.left_out)},
        .cloudflared = cloudflared_of(from),
        .tunnel = tunnel_of(from),
        .storages = {.list = std::move(storages.rows), .left_out = std::move(storages.left_out)},
        .restore_tests = not_collected<std::vector<hub::restore_test>>(now, "this agent makes no restore tests"),
        .disks = disks_of(from),
        .temperatures = temperatures_of(from),
        .audit_tail = from.audit_tail(),
        .desired = hub::observed_desired(last, now),
        .drift = hub::observed_drift(last, now),
        .unknown_operations = from.unknown_operations(),
        .clock_synchronized = {.at = now, .result = from.is_clock_synchronized()},
        .clock_set = from.clock_set ? from.clock_set() : std::nullopt,
    };
    ask_each(from, granted, of);
    return of;
}

} // namespace felhom::agent
