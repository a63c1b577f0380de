// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/host_id.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/hub/desired_status.hpp>
#include <felhom/hub/report/backup_report.hpp>
#include <felhom/hub/report/guest_report.hpp>
#include <felhom/hub/report/hardware_report.hpp>
#include <felhom/hub/report/probe_report.hpp>
#include <felhom/hub/report/sourced.hpp>
#include <felhom/proxmox/model/node_status.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::hub {

/// The format of a host report; a member may be added under the same version, none is removed or changed.
inline constexpr auto host_report_schema = std::string_view{"felhom-host-report/2"};

/// How the node is doing.
struct node_metrics {
    instant collected_at;
    node_name name;
    proxmox::node_status status;

    friend auto operator==(const node_metrics&, const node_metrics&) -> bool = default;
};

/// What this host tells its hub. Of every part it is known when it was collected and whether that went well; a list is
/// empty only where there is nothing, or where the error says why.
struct host_report {
    host_id host;
    std::string agent_version;
    instant created_at;
    node_metrics node;
    sourced<std::vector<reported_guest>> guests;
    sourced<std::vector<reported_vm>> vms;
    sourced<cloudflared_state> cloudflared;
    sourced<std::vector<storage_target>> storage_targets;
    sourced<std::vector<reported_backup>> backups;
    sourced<hub::pbs_snapshots> pbs_snapshots;
    sourced<std::vector<restore_test>> restore_tests;
    sourced<std::vector<reported_disk>> disks;
    sourced<std::vector<reported_temperature>> temperatures;
    sourced<hub::audit_tail> audit_tail;
    sourced<std::optional<desired_status>> desired;
    sourced<std::optional<drift_summary>> drift;
    sourced<std::vector<unknown_operation>> unknown_operations;
    sourced<clock_state> clock;

    friend auto operator==(const host_report&, const host_report&) -> bool = default;
};

/// All that was asked for one report.
struct host_observations {
    host_id host;
    std::string agent_version;
    instant now;
    node_name node;
    observed<proxmox::node_status> node_status;
    guest_sources guests;
    vm_sources vms;
    observed<host_tools::unit_state> cloudflared;
    std::optional<observed<tunnel_readiness>> tunnel;
    storage_sources storages;
    observed<std::vector<restore_test>> restore_tests;
    observed<disk_answers> disks;
    observed<host_tools::temperatures_read> temperatures;
    observed<hub::audit_tail> audit_tail;
    observed<desired_status> desired;
    observed<drift_summary> drift;
    observed<std::vector<unknown_operation>> unknown_operations;
    observed<bool> clock_synchronized;
    std::optional<clock_step> clock_set = std::nullopt;
};

/// There is no report: of a node that does not even tell its own state nothing else would be believable.
struct report_skipped {
    source_error why;

    friend auto operator==(const report_skipped&, const report_skipped&) -> bool = default;
};

[[nodiscard]] inline auto describe(const report_skipped& skipped) -> std::string
{
    return "no report: the status of the node could not be read: " + skipped.why.detail;
}

/// The report that the observations make. Only a missing node status keeps it from being made.
[[nodiscard]] inline auto make_host_report(host_observations seen) -> tl::expected<host_report, report_skipped>
{
    if (!seen.node_status.result) {
        return tl::unexpected(report_skipped{seen.node_status.result.error()});
    }
    return host_report{
        .host = std::move(seen.host),
        .agent_version = std::move(seen.agent_version),
        .created_at = seen.now,
        .node = {.collected_at = seen.node_status.at, .name = seen.node, .status = *std::move(seen.node_status.result)},
        .guests = report_guests(seen.guests, seen.node),
        .vms = report_vms(seen.vms),
        .cloudflared = report_cloudflared(seen.cloudflared, seen.tunnel),
        .storage_targets = report_storages(seen.storages),
        .backups = report_backups(seen.storages, seen.now),
        .pbs_snapshots = report_pbs_snapshots(seen.storages),
        .restore_tests = sourced_from(std::move(seen.restore_tests)),
        .disks = report_disks(seen.disks),
        .temperatures = report_temperatures(seen.temperatures),
        .audit_tail = sourced_from(std::move(seen.audit_tail)),
        .desired = sourced_if(std::move(seen.desired)),
        .drift = sourced_if(std::move(seen.drift)),
        .unknown_operations = sourced_from(std::move(seen.unknown_operations)),
        .clock = report_clock(seen.clock_synchronized, seen.clock_set),
    };
}

/// What is left of a report where no agent is running: only that knows its journal and its passes.
[[nodiscard]] inline auto without_agent(host_report report) -> host_report
{
    const auto forget = [](auto& part) {
        part.value = {};
        part.error =
            source_error{source_error::kind::not_collected, "no agent is running: a person had this report made"};
    };
    forget(report.audit_tail);
    forget(report.desired);
    forget(report.drift);
    forget(report.unknown_operations);
    return report;
}

} // namespace felhom::hub
