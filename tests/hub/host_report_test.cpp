// SPDX-License-Identifier: Apache-2.0
#include "hub/observations.hpp"
#include "support/data.hpp"

#include <felhom/core/json/strict.hpp>
#include <felhom/hub/report/host_report_json.hpp>
#include <felhom/hub/report/left_out.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace felhom;
using namespace felhom::hub;
using namespace felhom::hub::testing;
using namespace std::string_literals;
using kind = source_error::kind;

namespace {

auto report_of(host_observations seen) -> host_report
{
    auto made = make_host_report(std::move(seen));
    REQUIRE(made.has_value());
    return *std::move(made);
}

auto document_of(const host_report& report) -> boost::json::value
{
    auto document = parse_strict_json(to_json(report, a_stamp()), {});
    REQUIRE(document.has_value());
    return *std::move(document);
}

/// Every scalar and every empty collection of a document with its path, in order: "$.node.cpus = 8".
void list_fields(const boost::json::value& at, const std::string& path, std::vector<std::string>& fields)
{
    if (const auto* const object = at.if_object(); object != nullptr && !object->empty()) {
        for (const auto& [key, member] : *object) {
            list_fields(member, path + "." + std::string{key}, fields);
        }
    } else if (const auto* const array = at.if_array(); array != nullptr && !array->empty()) {
        for (auto index = std::size_t{0}; index < array->size(); ++index) {
            list_fields((*array)[index], path + "[" + std::to_string(index) + "]", fields);
        }
    } else {
        fields.push_back(path + " = " + boost::json::serialize(at));
    }
}

auto fields_of(const boost::json::value& document) -> std::vector<std::string>
{
    auto fields = std::vector<std::string>{};
    list_fields(document, "$", fields);
    return fields;
}

/// The fields of one list that another lacks.
auto without(std::vector<std::string> fields, const std::vector<std::string>& others) -> std::vector<std::string>
{
    std::erase_if(fields, [&](const std::string& field) { return std::ranges::find(others, field) != others.end(); });
    return fields;
}

void check_is_golden(host_observations seen, const std::string& name)
{
    const auto golden = fields_of(felhom::testing::read_json_data(name));
    const auto made = fields_of(document_of(report_of(std::move(seen))));
    CHECK(without(made, golden) == std::vector<std::string>{});
    CHECK(without(golden, made) == std::vector<std::string>{});
    CHECK(made.size() == golden.size());
}

} // namespace

TEST_CASE("a full report is the golden document, field by field")
{
    check_is_golden(everything(), "hub/host-report.golden.json");
}

TEST_CASE("a report of nothing but failures is the golden document, field by field")
{
    check_is_golden(nothing_but_status(), "hub/host-report-failed.golden.json");
}

TEST_CASE("a report has no field twice, and fits in strict JSON")
{
    CHECK(parse_strict_json(to_json(report_of(everything()), a_stamp()), {.exact_integers = true}).has_value());
}

TEST_CASE("no report is made while the node does not tell its status")
{
    auto seen = everything();
    seen.node_status = not_seen<proxmox::node_status>(kind::timeout, "no answer in time");
    const auto made = make_host_report(std::move(seen));
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error() == report_skipped{{kind::timeout, "no answer in time"}});
    CHECK(describe(made.error()) == "no report: the status of the node could not be read: no answer in time");
}

TEST_CASE("a guest whose configuration fails keeps its run status and loses only its spec")
{
    auto seen = everything();
    seen.guests.specs.at(guest(101)) = tl::unexpected(refused_read());
    auto expected = report_of(everything());
    expected.guests.value.front().spec = std::nullopt;
    expected.guests.value.front().spec_error = refused_read();
    CHECK(report_of(std::move(seen)) == expected);
}

TEST_CASE("a guest whose configuration was not asked for says so")
{
    auto seen = everything();
    seen.guests.specs.erase(guest(101));
    const auto made = report_of(std::move(seen)).guests.value.front();
    CHECK(made.status == guest_state::running);
    CHECK(made.spec == std::nullopt);
    CHECK(made.spec_error == source_error{kind::not_collected, "its configuration was not read"});
}

TEST_CASE("a guest whose spec is not known has no such member")
{
    const auto document = document_of(report_of(everything()));
    CHECK(document.at("guests").at(0).as_object().contains("spec"));
    CHECK_FALSE(document.at("guests").at(1).as_object().contains("spec"));
}

TEST_CASE("every collection of a report is an array, also where nothing of it could be had")
{
    for (const auto& document : {document_of(report_of(everything())), document_of(report_of(nothing_but_status()))}) {
        for (const auto* const name : {"guests", "vms", "storage_targets", "backups", "restore_tests", "pbs_snapshots",
                                       "audit_tail", "disks", "temperatures", "unknown_operations"}) {
            INFO(name);
            CHECK(document.at(name).is_array());
        }
    }
}

TEST_CASE("the virtual machines of a node are told by vmid, and that some may be hidden")
{
    using machines = std::vector<reported_vm>;
    auto seen = everything();
    seen.vms.left_out = source_error{kind::denied, "hidden"};
    CHECK(report_of(seen).vms
          == sourced<machines>{.collected_at = just_now,
                               .error = source_error{kind::denied, "hidden"},
                               .value = {{.id = guest(109), .name = "windows", .status = guest_state::running},
                                         {.id = guest(110), .name = std::nullopt, .status = guest_state::unknown}}});
}

TEST_CASE("when the list of guests fails, the cluster's statistics stand in for it and the error stays")
{
    using cluster_kind = proxmox::cluster_guest::kind;
    const auto here = node_name::parse("pve1").value();
    auto seen = everything();
    seen.guests.list = not_seen<std::vector<proxmox::guest_summary>>(kind::failed, "got timeout");
    seen.guests.specs.clear();
    seen.guests.cluster = {
        {.id = guest(103), .type = cluster_kind::lxc, .node = here, .power = std::nullopt},
        {.id = guest(101), .type = cluster_kind::lxc, .node = here, .power = proxmox::power_state::running},
        {.id = guest(104), .type = cluster_kind::qemu, .node = here, .power = proxmox::power_state::running},
        {.id = guest(105),
         .type = cluster_kind::lxc,
         .node = node_name::parse("pve2").value(),
         .power = proxmox::power_state::stopped},
    };
    const auto not_read = source_error{kind::not_collected, "its configuration was not read"};
    CHECK(report_of(std::move(seen)).guests
          == sourced<std::vector<reported_guest>>{
              .collected_at = just_now,
              .error = source_error{kind::failed, "got timeout"},
              .value = {{.id = guest(101), .status = guest_state::running, .spec_error = not_read},
                        {.id = guest(103), .status = guest_state::unknown, .spec_error = not_read}}});
}

TEST_CASE("of a guest the newest backup is told, wherever it is kept")
{
    const auto backups = report_of(everything()).backups;
    CHECK(backups.error == std::nullopt);
    REQUIRE(backups.value.size() == 2);
    CHECK(backups.value.front()
          == reported_backup{.guest = guest(101),
                             .storage = storage("pbs"),
                             .volume = "pbs:backup/ct/101/2026-11-24T02:00:01Z",
                             .format = "pbs-ct",
                             .created = seconds_at("2026-11-24T02:00:01Z"),
                             .age = std::chrono::seconds{9 * 3600 + 59 * 60 + 59},
                             .size = 734'003'200,
                             .verification = "ok",
                             .is_protected = true});
}

TEST_CASE("a figure that the node did not tell is null, not 0")
{
    auto seen = everything();
    auto& one = seen.guests.list.result->front();
    one = {.id = one.id, .power = one.power, .name = one.name, .uptime = 0};
    auto& local = seen.storages.list.result->back().status;
    local.used = std::nullopt;
    local.available = std::nullopt;
    const auto document = document_of(report_of(std::move(seen)));
    const auto& metrics = document.at("guests").at(1).at("metrics");
    CHECK(metrics.at("uptime") == 0);
    for (const auto* const name : {"cpu", "cpus", "memory", "swap", "disk", "network_in", "disk_written"}) {
        CHECK(metrics.at(name).is_null());
    }
    const auto& storage = document.at("storage_targets").at(0);
    CHECK(storage.at("active") == true);
    CHECK(storage.at("space").is_null());
    CHECK(storage.at("available").is_null());
}

TEST_CASE("a storage that cannot be read takes the others' backups from nobody, and is named")
{
    auto seen = everything();
    seen.storages.backups.back().volumes =
        not_seen<std::vector<proxmox::stored_volume>>(kind::timeout, "no answer in time");
    const auto report = report_of(std::move(seen));
    const auto named = source_error{kind::timeout, "storage pbs: no answer in time"};
    CHECK(report.backups.error == named);
    CHECK(report.backups.value.size() == 2);
    CHECK(report.backups.value.front().storage == storage("local"));
    CHECK(report.pbs_snapshots.error == named);
    CHECK(report.pbs_snapshots.value == pbs_snapshots{});
    CHECK(report.storage_targets.error == std::nullopt);
}

TEST_CASE("a storage that is not active is an error, not a storage without backups")
{
    auto seen = everything();
    seen.storages.backups = {not_active(seen.storages.list.result->front(), just_now)};
    const auto report = report_of(std::move(seen));
    const auto named = source_error{kind::unreachable, "storage pbs: not active"};
    CHECK(report.backups.error == named);
    CHECK(report.pbs_snapshots.error == named);
}

TEST_CASE("what may have been left out of a list is an error beside what is known")
{
    auto seen = everything();
    const auto hidden = source_error{kind::denied, "hidden"};
    seen.guests.left_out = hidden;
    seen.storages.backups.back().left_out = hidden;
    const auto report = report_of(seen);
    CHECK(report.guests.error == hidden);
    CHECK(report.guests.value.size() == 2);
    CHECK(report.backups.error == source_error{kind::denied, "storage pbs: hidden"});
    CHECK(report.backups.value.size() == 2);
    CHECK(report.storage_targets.error == std::nullopt);
    seen.storages.left_out = hidden;
    CHECK(report_of(seen).storage_targets.error == hidden);
    CHECK(report_of(seen).backups.error == source_error{kind::denied, "hidden (and 1 more)"});
}

TEST_CASE("why a list may lack something is told from what the token holds, and where that is not known, too")
{
    const auto needed = reconcile::needed_for_guests();
    CHECK(why_left_out(needed, proxmox::permissions{.paths = {{"/vms", {{"VM.Audit", true}}}}}) == std::nullopt);
    CHECK(why_left_out(needed, proxmox::permissions{.paths = {}})
          == source_error{kind::denied, "the API token lacks VM.Audit on /vms: what it may not see is left out"});
    CHECK(why_left_out(needed, tl::unexpected(source_error{kind::timeout, "no answer"}))
          == source_error{kind::timeout, "whether the API token is shown all of it is not known: no answer"});
}

TEST_CASE("a row that is not understood is named as left out, and takes the others from nobody")
{
    using list = proxmox::partial_list<proxmox::guest_summary>;
    const auto hidden = source_error{kind::denied, "hidden"};
    const auto made = told(seen(list{.rows = {web_server()},
                                     .odd = {{guest(102), {"$.data[1].status", "\"running\" or \"stopped\"", "7"}}}}),
                           hidden);
    CHECK(made.rows.result->size() == 1);
    REQUIRE(made.left_out.has_value());
    CHECK(made.left_out->what == kind::unreadable);
    CHECK(made.left_out->detail.find("$.data[1].status") != std::string::npos);
    CHECK(told(seen(list{.rows = {}}), hidden).left_out == hidden);
    CHECK(told(seen(list{.rows = {}}), {}).left_out == std::nullopt);
}

TEST_CASE("several storages that cannot be read are counted")
{
    auto seen = everything();
    for (auto& one : seen.storages.backups) {
        one.volumes = not_seen<std::vector<proxmox::stored_volume>>(kind::failed, "not online");
    }
    CHECK(report_of(std::move(seen)).backups.error
          == source_error{kind::failed, "storage local: not online (and 1 more)"});
}

TEST_CASE("a part of several sources is as old as the oldest of them")
{
    auto seen = everything();
    seen.storages.backups.front().volumes.at = at("2026-11-24T11:00:00Z");
    const auto report = report_of(std::move(seen));
    CHECK(report.backups.collected_at == at("2026-11-24T11:00:00Z"));
    CHECK(report.pbs_snapshots.collected_at == just_now);
}

TEST_CASE("the backup of a virtual machine is never told as a container's")
{
    auto seen = storages();
    auto& on_local = *seen.backups.front().volumes.result;
    on_local = {backup_volume("local:backup/vzdump-qemu-102-2026_11_24-03_00_01.vma.zst", 102, "2026-11-24T02:00:01Z")};
    on_local.front().format = "vma.zst";
    on_local.front().subtype = "qemu";
    auto& on_pbs = *seen.backups.back().volumes.result;
    on_pbs.push_back(backup_volume("pbs:backup/vm/101/2026-11-24T11:00:00Z", 101, "2026-11-24T11:00:00Z"));
    on_pbs.back().format = "pbs-vm";
    const auto backups = report_backups(seen, now).value;
    REQUIRE(backups.size() == 1);
    CHECK(backups.front().volume == "pbs:backup/ct/101/2026-11-24T02:00:01Z");
    const auto snapshots = report_pbs_snapshots(seen).value.newest;
    REQUIRE(snapshots.size() == 2);
    CHECK(snapshots.front().guest_type == proxmox::guest_kind::qemu);
    CHECK(snapshots.back().guest_type == proxmox::guest_kind::lxc);
}

TEST_CASE("a backup dated in the future is marked, has no age, and hides none whose age is known")
{
    auto seen = storages();
    auto& ahead = seen.backups.back().volumes.result->front();
    ahead.created = seconds_at("2026-11-24T12:00:01Z");
    const auto known = report_backups(seen, now).value.front();
    CHECK(known.volume == "local:backup/vzdump-lxc-101-2026_11_23-03_00_01.tar.zst");
    CHECK_FALSE(known.is_dated_ahead);
    CHECK(report_pbs_snapshots(seen).value.newest.front().is_dated_ahead);
    seen.backups.front().volumes.result->clear();
    const auto alone = report_backups(seen, now).value.front();
    CHECK(alone.volume == ahead.id);
    CHECK(alone.is_dated_ahead);
    CHECK(alone.age == std::nullopt);
}

TEST_CASE("a backup that began while the report was made is not dated ahead")
{
    auto seen = storages();
    seen.backups.back().volumes.at = at("2026-11-24T12:00:03Z");
    seen.backups.back().volumes.result->front().created = seconds_at("2026-11-24T12:00:01Z");
    const auto made = report_backups(seen, now).value.front();
    CHECK_FALSE(made.is_dated_ahead);
    CHECK(made.age == std::chrono::seconds{0});
}

TEST_CASE("a size that a server does not know is none")
{
    auto seen = everything();
    seen.storages.backups.back().volumes.result->front().size = 1;
    CHECK(report_of(std::move(seen)).backups.value.front().size == std::nullopt);
}

TEST_CASE("of very many snapshots the newest are told, and the others counted")
{
    auto seen = storages();
    auto& volumes = *seen.backups.back().volumes.result;
    volumes.clear();
    for (auto day = 10; day < 30; ++day) {
        const auto time = "2026-10-" + std::to_string(day) + "T02:00:00Z";
        volumes.push_back(backup_volume("pbs:backup/ct/101/" + time, 101, time));
    }
    const auto made = report_pbs_snapshots(seen, 5).value;
    CHECK(made.omitted == 15);
    REQUIRE(made.newest.size() == 5);
    CHECK(made.newest.front().volume == "pbs:backup/ct/101/2026-10-29T02:00:00Z");
    CHECK(made.newest.back().volume == "pbs:backup/ct/101/2026-10-25T02:00:00Z");
}

TEST_CASE("a probe that fails says unknown, and why")
{
    auto seen = everything();
    seen.cloudflared = not_seen<host_tools::unit_state>(kind::failed, "no systemctl");
    seen.tunnel = std::nullopt;
    seen.clock_synchronized = not_seen<bool>(kind::timeout, "no answer");
    const auto report = report_of(std::move(seen));
    CHECK(report.cloudflared
          == sourced<cloudflared_state>{.collected_at = just_now,
                                        .error = source_error{kind::failed, "no systemctl"},
                                        .value = {.status = host_tools::unit_state::unknown, .tunnel = std::nullopt}});
    CHECK(report.clock
          == sourced<clock_state>{
              .collected_at = just_now, .error = source_error{kind::timeout, "no answer"}, .value = {std::nullopt}});
}

TEST_CASE("the service stays known while its tunnel cannot be asked")
{
    auto seen = everything();
    seen.tunnel = not_seen<tunnel_readiness>(kind::unreachable, "connection refused");
    CHECK(report_of(std::move(seen)).cloudflared
          == sourced<cloudflared_state>{.collected_at = just_now,
                                        .error = source_error{kind::unreachable, "connection refused"},
                                        .value = {.status = host_tools::unit_state::active, .tunnel = std::nullopt}});
}

TEST_CASE("a temperature that no thermometer can have is null, and never 0")
{
    const auto document = document_of(report_of(everything()));
    CHECK(document.at("temperatures").at(1).at("celsius").is_null());
    CHECK(document.at("disks").at(1).at("celsius").is_null());
}

TEST_CASE("a disk of which a figure was not understood keeps its health and its figures, and says what it was")
{
    auto seen = everything();
    seen.disks.result->at(0).second->celsius = std::nullopt;
    seen.disks.result->at(0).second->unread = {
        json_type_error{.path = "$.temperature.current", .expected = "an integer", .got = "\"warm\""}};
    const auto document = document_of(report_of(std::move(seen)));
    const auto& disk = document.at("disks").at(0);
    CHECK(disk.at("health") == "passed");
    CHECK(disk.at("model") == "Samsung SSD 870");
    CHECK(disk.at("celsius").is_null());
    CHECK(disk.at("error")
          == boost::json::value{{"code", "unreadable"},
                                {"detail", "the output of /usr/sbin/smartctl: $.temperature.current: expected an "
                                           "integer, got \"warm\""}});
}

TEST_CASE("of very many figures that were not understood the first are told")
{
    auto seen = everything();
    seen.disks.result->at(0).second->unread =
        std::vector<json_error>(1000, json_type_error{.path = "$.a", .expected = "an integer", .got = "null"});
    const auto document = document_of(report_of(std::move(seen)));
    const auto detail = std::string_view{document.at("disks").at(0).at("error").at("detail").as_string()};
    CHECK(detail.size() < 500);
    CHECK(detail.ends_with("; and 992 more"));
}

TEST_CASE("a SAS disk's defects and what its exit code says are in the report")
{
    auto seen = everything();
    auto& disk = *seen.disks.result->at(0).second;
    disk.scsi = host_tools::scsi_log{.grown_defects = 4211,
                                     .uncorrected_read_errors = 97,
                                     .uncorrected_write_errors = std::nullopt,
                                     .uncorrected_verify_errors = 0};
    disk.warnings = {"the disk's error log has errors"};
    const auto document = document_of(report_of(std::move(seen)));
    CHECK(document.at("disks").at(0).at("scsi")
          == boost::json::value{{"grown_defects", 4211},
                                {"uncorrected_read_errors", 97},
                                {"uncorrected_write_errors", nullptr},
                                {"uncorrected_verify_errors", 0}});
    CHECK(document.at("disks").at(0).at("warnings") == boost::json::array{"the disk's error log has errors"});
}

TEST_CASE("temperatures that were read are reported beside what was not")
{
    auto seen = everything();
    seen.temperatures.result->unread = {json_syntax_error{.offset = 77, .reason = "syntax error"}};
    const auto document = document_of(report_of(std::move(seen)));
    CHECK(document.at("temperatures").as_array().size() == 2);
    CHECK(document.at("sources").at("temperatures").at("error")
          == boost::json::value{{"code", "unreadable"},
                                {"detail", "the output of /usr/bin/sensors: not valid JSON at byte 77: syntax error"}});
}

TEST_CASE("a source that failed is visible beside its part, and the collection is an empty list")
{
    auto seen = everything();
    seen.disks = not_seen<disk_answers>(kind::not_collected, "disks.smart is false");
    const auto document = document_of(report_of(std::move(seen)));
    CHECK(document.at("disks") == boost::json::array{});
    CHECK(document.at("sources").at("disks")
          == boost::json::value{{"collected_at", "2026-11-24T11:59:59.250Z"},
                                {"error", {{"code", "not_collected"}, {"detail", "disks.smart is false"}}}});
}

TEST_CASE("a report is told from any other by its run and its number in it, whatever the clock says")
{
    const auto document = document_of(report_of(everything()));
    CHECK(document.at("run") == "0123456789abcdef00000000ffffffff");
    CHECK(document.at("sequence") == 3);
    CHECK(document.at("sent_at") == "2026-11-24T12:00:05Z");
}

TEST_CASE("a report that a person had made while no agent was running says so, and of what only that knows nothing")
{
    const auto report = without_agent(report_of(everything()));
    auto stamp = a_stamp();
    stamp.trial = true;
    const auto document = parse_strict_json(to_json(report, stamp), {}).value();
    CHECK(document.at("trial") == true);
    CHECK(document.at("journal_head").is_null());
    for (const auto* const name : {"audit_tail", "unknown_operations"}) {
        CHECK(document.at(name) == boost::json::array{});
    }
    for (const auto* const name : {"desired", "drift"}) {
        CHECK(document.at(name).is_null());
    }
    for (const auto* const name : {"audit_tail", "unknown_operations", "desired", "drift"}) {
        CHECK(document.at("sources").at(name).at("error").at("code") == "not_collected");
    }
    CHECK(document.at("sources").at("guests").at("error").is_null());
}

TEST_CASE("what was missed before a report is its last member")
{
    const auto open = open_report::of(report_of(everything()));
    auto stamp = a_stamp();
    stamp.missed = missed_reports{.count = 3, .from = at("2026-11-24T11:00:00Z"), .to = at("2026-11-24T11:02:00Z")};
    const auto document = parse_strict_json(open.sealed(stamp), {});
    REQUIRE(document.has_value());
    CHECK(document->at("missed")
          == boost::json::value{{"count", 3}, {"from", "2026-11-24T11:00:00Z"}, {"to", "2026-11-24T11:02:00Z"}});
}

TEST_CASE("bytes that are no text make no report unreadable")
{
    auto seen = everything();
    seen.guests.list.result->front().name = "a\0\xff\x1b[31m\"\\\n\xed\xa0\x80 \xc3\xa9"s;
    const auto document = document_of(report_of(std::move(seen)));
    CHECK(document.at("guests").at(1).at("name").as_string() == "a\0\uFFFD\x1b[31m\"\\\n\uFFFD\uFFFD\uFFFD é"s);
}
