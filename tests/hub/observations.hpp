// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/catch.hpp"

#include <felhom/hub/report/host_report.hpp>
#include <felhom/hub/report/report_stamp.hpp>

#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

// A host on which everything was asked and answered: every member of a report has a value, of a list at least one.
namespace felhom::hub::testing {

[[nodiscard]] inline auto at(const std::string& time) -> instant
{
    return parse_instant(time).value();
}

[[nodiscard]] inline auto seconds_at(const std::string& time) -> std::chrono::sys_seconds
{
    return std::chrono::floor<std::chrono::seconds>(at(time));
}

inline const auto now = at("2026-11-24T12:00:00Z");
inline const auto just_now = at("2026-11-24T11:59:59.250Z");

[[nodiscard]] inline auto guest(std::uint64_t number) -> vmid
{
    return vmid::from_number(number).value();
}
[[nodiscard]] inline auto storage(const std::string& name) -> proxmox::storage_id
{
    return proxmox::storage_id::parse(name).value();
}
[[nodiscard]] inline auto disk(const std::string& path) -> host_tools::disk_device
{
    return host_tools::disk_device::parse(path).value();
}

/// Under which the golden reports are sent.
[[nodiscard]] inline auto a_stamp() -> report_stamp
{
    return {.run = run_id::of({0x01234567U, 0x89abcdefU, 0U, 0xffffffffU}),
            .sequence = 3,
            .sent_at = at("2026-11-24T12:00:05Z")};
}

template <typename T>
[[nodiscard]] auto seen(T value) -> observed<T>
{
    return {.at = just_now, .result = std::move(value)};
}

template <typename T>
[[nodiscard]] auto not_seen(source_error::kind what, std::string detail) -> observed<T>
{
    return {.at = just_now, .result = tl::unexpected(source_error{what, std::move(detail)})};
}

[[nodiscard]] inline auto web_server() -> proxmox::guest_summary
{
    return {.id = guest(101),
            .power = proxmox::power_state::running,
            .name = "web",
            .is_template = false,
            .lock = "backup",
            .tags = "web;customer",
            .cpu = 0.125,
            .cpus = 2,
            .memory = 268'435'456,
            .memory_limit = 1'073'741'824,
            .swap = 4096,
            .swap_limit = 536'870'912,
            .disk = 1'288'490'188,
            .disk_limit = 8'589'934'592,
            .network_in = 1001,
            .network_out = 1002,
            .disk_read = 1003,
            .disk_written = 1004,
            .uptime = 86'400};
}

[[nodiscard]] inline auto database() -> proxmox::guest_summary
{
    return {.id = guest(102),
            .power = proxmox::power_state::stopped,
            .name = "db",
            .cpu = 0,
            .cpus = 1,
            .memory = 0,
            .memory_limit = 536'870'912,
            .swap = 0,
            .swap_limit = 0,
            .disk = 0,
            .disk_limit = 4'294'967'296,
            .network_in = 0,
            .network_out = 0,
            .disk_read = 0,
            .disk_written = 0,
            .uptime = 0};
}

[[nodiscard]] inline auto web_spec() -> guest_spec
{
    return {.cores = 2,
            .memory = 1'073'741'824,
            .swap = 536'870'912,
            .disk = 8'589'934'592,
            .onboot = true,
            .is_protected = true,
            .unprivileged = true,
            .tags = {"web", "customer"}};
}

[[nodiscard]] inline auto refused_read() -> source_error
{
    return {source_error::kind::denied, "Proxmox VE answered 403: Permission check failed (/vms/102, VM.Audit)"};
}

[[nodiscard]] inline auto backup_volume(const std::string& id, std::uint64_t owner, const std::string& created)
    -> proxmox::stored_volume
{
    return {.id = id,
            .content = "backup",
            .format = "tar.zst",
            .size = 734'003'200,
            .created = seconds_at(created),
            .owner = guest(owner)};
}

[[nodiscard]] inline auto storages() -> storage_sources
{
    auto on_pbs = backup_volume("pbs:backup/ct/101/2026-11-24T02:00:01Z", 101, "2026-11-24T02:00:01Z");
    on_pbs.format = "pbs-ct";
    on_pbs.verification = "ok";
    on_pbs.kept_from_pruning = true;
    return {
        .list = seen(std::vector<proxmox::node_storage>{
            {.id = storage("pbs"),
             .status = {.type = "pbs", .content = {"backup"}, .active = false, .enabled = true, .shared = true}},
            {.id = storage("local"),
             .status = {.type = "dir",
                        .content = {"backup", "vztmpl"},
                        .active = true,
                        .enabled = true,
                        .shared = false,
                        .total = 100'000'000'000,
                        .used = 40'000'000'000,
                        .available = 60'000'000'000}},
        }),
        .backups =
            {{.storage = storage("local"),
              .type = "dir",
              .volumes = seen(std::vector{
                  backup_volume("local:backup/vzdump-lxc-101-2026_11_23-03_00_01.tar.zst", 101, "2026-11-23T02:00:01Z"),
                  backup_volume("local:backup/vzdump-lxc-102-2026_11_22-03_00_01.tar.zst", 102, "2026-11-22T02:00:01Z"),
              })},
             {.storage = storage("pbs"), .type = "pbs", .volumes = seen(std::vector{std::move(on_pbs)})}},
    };
}

[[nodiscard]] inline auto disks() -> disk_answers
{
    return {
        {disk("/dev/sda"),
         host_tools::smart_report{
             .model = "Samsung SSD 870",
             .serial = "S5Y1NJ0R",
             .health = host_tools::disk_health::passed,
             .celsius = 34,
             .power_on_hours = 12'345,
             .attributes =
                 {{.id = 9, .name = "Power_On_Hours", .value = 98, .worst = 98, .threshold = 0, .raw = 12'345},
                  {.id = 241,
                   .name = "Total_LBAs_Written",
                   .value = std::nullopt,
                   .worst = std::nullopt,
                   .threshold = std::nullopt,
                   .raw = 7}},
             .nvme = std::nullopt}},
        {disk("/dev/nvme0"), host_tools::smart_report{.model = "WD Red SN700",
                                                      .serial = "22413X",
                                                      .health = host_tools::disk_health::failed,
                                                      .celsius = std::nullopt,
                                                      .power_on_hours = std::nullopt,
                                                      .attributes = {},
                                                      .nvme = host_tools::nvme_log{.critical_warning = 4,
                                                                                   .available_spare = 90,
                                                                                   .percentage_used = 101,
                                                                                   .media_errors = 7}}},
        {disk("/dev/sdb"), tl::unexpected<host_tools::error>{host_tools::timed_out{.program = "/usr/sbin/smartctl",
                                                                                   .after = std::chrono::seconds{10}}}},
        {disk("/dev/sdc"),
         host_tools::smart_report{.model = "SEAGATE ST4000NM",
                                  .serial = "Z1",
                                  .health = host_tools::disk_health::passed,
                                  .celsius = 33,
                                  .power_on_hours = 40'000,
                                  .attributes = {},
                                  .nvme = std::nullopt,
                                  .scsi = host_tools::scsi_log{.grown_defects = 4211,
                                                               .uncorrected_read_errors = 97,
                                                               .uncorrected_write_errors = 0,
                                                               .uncorrected_verify_errors = std::nullopt},
                                  .warnings = {"the disk's error log has errors"},
                                  .unread = {json_type_error{.path = "$.scsi_error_counter_log.verify",
                                                             .expected = "an object",
                                                             .got = "7"}}}},
    };
}

[[nodiscard]] inline auto everything() -> host_observations
{
    return {
        .host = host_id::parse("home-17").value(),
        .agent_version = "0.1.0",
        .now = now,
        .node = node_name::parse("pve1").value(),
        .node_status =
            seen(proxmox::node_status{.uptime = 1'000'000,
                                      .cpu = 0.25,
                                      .cpus = 8,
                                      .load = std::array{0.5, 0.75, 1.25},
                                      .memory = proxmox::usage{.total = 16'000'000'000, .used = 4'000'000'000},
                                      .swap = proxmox::usage{.total = 8'000'000'000, .used = 1000},
                                      .root = proxmox::usage{.total = 100'000'000'000, .used = 40'000'000'000},
                                      .kernel = "Linux 6.8.12-1-pve",
                                      .manager = "pve-manager/9.2.2/b9984c6d90a4bd80"}),
        .guests = {.list = seen(std::vector{database(), web_server()}),
                   .specs = {{guest(101), web_spec()}, {guest(102), tl::unexpected(refused_read())}}},
        .vms = {.list = seen(std::vector<proxmox::vm_summary>{
                    {.id = guest(110), .name = std::nullopt, .power = std::nullopt},
                    {.id = guest(109), .name = "windows", .power = proxmox::power_state::running}})},
        .cloudflared = seen(host_tools::unit_state::active),
        .tunnel = seen(tunnel_readiness{.ready = true, .connections = 4}),
        .storages = storages(),
        .restore_tests =
            seen(std::vector{restore_test{.guest = guest(101),
                                          .volume = "local:backup/vzdump-lxc-101-2026_11_23-03_00_01.tar.zst",
                                          .started = at("2026-11-23T05:00:00Z"),
                                          .ended = at("2026-11-23T05:02:30Z"),
                                          .result = restore_test::verdict::passed,
                                          .detail = "restored as 9101, started, destroyed"}}),
        .disks = seen(disks()),
        .temperatures = seen(host_tools::temperatures_read{
            .all = {{.chip = "coretemp-isa-0000", .label = "Package id 0", .celsius = 41.5},
                    {.chip = "nvme-pci-0100", .label = "Composite", .celsius = 65'261.85}}}),
        .audit_tail =
            seen(hub::audit_tail{.head = hash_chain::parse_head("7:" + std::string(64, 'a')).value(),
                                 .records = {{.seq = 7, .payload = R"({"kind":"start","op":3,"vmid":101})"}}}),
        .desired = seen(desired_status{.source = "hub",
                                       .generation = 12,
                                       .refused = {{.guest = guest(101),
                                                    .key = "net0",
                                                    .code = "key_not_allowed",
                                                    .detail = "policy.hub does not let the hub set it"}}}),
        .drift = seen(summarize({{.id = guest(101), .state = drift_state::in_sync, .reasons = {}},
                                 {.id = guest(102),
                                  .state = drift_state::held,
                                  .reasons = {"swap: the API token lacks VM.Config.Memory on /vms/102"}}})),
        .unknown_operations = seen(std::vector{unknown_operation{.id = 3,
                                                                 .guest = guest(101),
                                                                 .what = "start",
                                                                 .started = at("2026-11-24T11:00:00Z"),
                                                                 .detail = "the task vanished"}}),
        .clock_synchronized = seen(true),
    };
}

/// The same host when nothing but its status could be had.
[[nodiscard]] inline auto nothing_but_status() -> host_observations
{
    const auto why = source_error{source_error::kind::unreachable, "connection refused"};
    auto made = everything();
    made.guests = {.list = {.at = just_now, .result = tl::unexpected(why)}};
    made.vms.list.result = tl::unexpected(why);
    made.cloudflared.result = tl::unexpected(why);
    made.tunnel->result = tl::unexpected(why);
    made.storages = {.list = {.at = just_now, .result = tl::unexpected(why)}};
    made.restore_tests.result = tl::unexpected(why);
    made.disks.result = tl::unexpected(why);
    made.temperatures.result = tl::unexpected(why);
    made.audit_tail.result = tl::unexpected(why);
    made.desired.result = tl::unexpected(why);
    made.drift.result = tl::unexpected(why);
    made.unknown_operations.result = tl::unexpected(why);
    made.clock_synchronized.result = tl::unexpected(why);
    return made;
}

} // namespace felhom::hub::testing
