// SPDX-License-Identifier: Apache-2.0
#include "proxmox/sample.hpp"
#include "support/catch.hpp"
#include "support/understand.hpp"

#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/model/backup_kind.hpp>
#include <felhom/proxmox/model/node_status.hpp>
#include <felhom/proxmox/model/permissions.hpp>
#include <felhom/proxmox/model/storage.hpp>
#include <felhom/proxmox/model/version.hpp>
#include <felhom/proxmox/tasks/task_status.hpp>

#include <array>

using namespace felhom::proxmox;
using felhom::testing::understand;

namespace {

auto log_of(const felhom::net::exchanged& answer) -> tl::expected<task_log, call_error>
{
    return read::task_log(*upid::parse("UPID:pve1:0000016F:0006B329:6B041E06:vzstart:101:root@pam:"), 0, 500)
        .understand(answer);
}

} // namespace

TEST_CASE("the version is read from PVE 6 to 8")
{
    CHECK(understand(sample::recorded("pve8.4/nodes-pve1-version"), decode_version)
          == version{"8.4.21", "8.4", "2606ac850d46da29"});
    CHECK(understand(sample::recorded("pve6.2/version"), decode_version).has_value());
}

TEST_CASE("a node's status is read, its load from text")
{
    CHECK(understand(sample::recorded("pve9.2/node-status"), decode_node_status)
          == node_status{
              .uptime = 199252,
              .cpu = 0,
              .cpus = 12,
              .load = std::array{0.04, 0.04, 0.04},
              .memory = usage{16423432192, 2721751040},
              .swap = usage{8589930496, 0},
              .root = usage{72722055168, 5477756928},
              .kernel = "Linux 7.0.2-6-pve #1 SMP PREEMPT_DYNAMIC PMX 7.0.2-6 (2026-05-20T08:55Z)",
              .manager = "pve-manager/9.2.2/b9984c6d90a4bd80",
          });
    CHECK(understand(sample::recorded("pve8.4/nodes-pve1-status"), decode_node_status).has_value());
}

TEST_CASE("a figure of the node that is none is not told, and takes no other from it")
{
    CHECK(understand(sample::data(R"({"uptime":1,"cpu":"idle","loadavg":["1","x","3"],"memory":{"total":4,"used":-1},)"
                                  R"("swap":{"total":2,"used":1}})"),
                     decode_node_status)
          == node_status{.uptime = 1, .swap = usage{2, 1}});
    CHECK_FALSE(understand(sample::data("{}"), decode_node_status).has_value());
    CHECK_FALSE(understand(sample::data("[]"), decode_node_status).has_value());
}

TEST_CASE("the nodes are listed with their state")
{
    CHECK(understand(sample::recorded("pve8.4/nodes"), decode_node_list)
          == std::vector{node_summary{sample::node("pve1"), node_summary::state::online}});
    CHECK_FALSE(understand(sample::data(R"([{"node":"pve1","status":"weird"}])"), decode_node_list).has_value());
}

TEST_CASE("storages are read with their content in order")
{
    CHECK(understand(sample::recorded("pve8.4/storage"), decode_storage_list)
          == std::vector{
              storage_config{.id = *storage_id::parse("local"),
                             .type = "dir",
                             .content = {"backup", "images", "iso", "rootdir", "snippets", "vztmpl"}},
              storage_config{.id = *storage_id::parse("btr"), .type = "btrfs", .content = {"images", "rootdir"}}});
    const auto here = understand(sample::recorded("pve8.4/nodes-pve1-storage"), decode_node_storages);
    REQUIRE(here.has_value());
    CHECK(here->rows.front()
          == node_storage{.id = *storage_id::parse("btr"),
                          .status = {.type = "btrfs",
                                     .content = {"images", "rootdir"},
                                     .active = true,
                                     .enabled = true,
                                     .shared = false,
                                     .total = 6442450944,
                                     .used = 40972288,
                                     .available = 5852942336}});
    CHECK(understand(sample::recorded("pve6.2/node-storage"), decode_node_storages).has_value());
    CHECK(understand(sample::recorded("pve8.4/nodes-pve1-storage-local-status"), decode_storage_status).has_value());
}

TEST_CASE("volumes are read, their time also from text")
{
    CHECK(every_row(understand(sample::recorded("pve6.2/content-backup"), decode_volumes))
          == std::vector{stored_volume{.id = "local:backup/vzdump-lxc-100-2020_11_25-14_39_11.tar.lzo",
                                       .content = "backup",
                                       .format = "tar.lzo",
                                       .size = 4504446,
                                       .created = std::chrono::sys_seconds{std::chrono::seconds{1606311551}},
                                       .owner = sample::guest(100)}});
    const auto thin = every_row(understand(sample::recorded("pve6.2/content-lvmthin-string-ctime"), decode_volumes));
    REQUIRE(thin.has_value());
    CHECK(thin->front().created == std::chrono::sys_seconds{std::chrono::seconds{1606311559}});
    CHECK(
        every_row(understand(sample::recorded("pve8.4/nodes-pve1-storage-local-content"), decode_volumes)).has_value());
    CHECK(every_row(understand(
              sample::data(
                  R"([{"volid":"pbs:x","subtype":"qemu","protected":1,"verification":{"state":"ok","upid":"x"}}])"),
              decode_volumes))
          == std::vector{stored_volume{.id = "pbs:x",
                                       .content = "",
                                       .format = "",
                                       .subtype = "qemu",
                                       .kept_from_pruning = true,
                                       .verification = "ok"}});
}

TEST_CASE("the subtype, the format and the name of a backup tell whose it is, and none that contradict each other")
{
    const auto kind = [](const std::string& subtype, const std::string& format, const std::string& id) {
        return backup_kind_of({.id = id, .content = "backup", .format = format, .subtype = subtype});
    };
    CHECK(kind("lxc", "", "") == guest_kind::lxc);
    CHECK(kind("openvz", "", "") == guest_kind::lxc);
    CHECK(kind("qemu", "", "") == guest_kind::qemu);
    CHECK(kind("unknown", "tar.gz", "nas:backup/of-101-long-ago.tar.gz") == guest_kind::lxc);
    CHECK(kind("unknown", "vma", "nas:backup/of-101-long-ago.vma") == guest_kind::qemu);
    CHECK(kind("", "pbs-ct", "") == guest_kind::lxc);
    CHECK(kind("", "pbs-vm", "") == guest_kind::qemu);
    CHECK(kind("", "", "local:backup/vzdump-lxc-101-2026_01_31-03_00_01.tar.zst") == guest_kind::lxc);
    CHECK(kind("", "", "local:backup/vzdump-qemu-101-2026_01_31-03_00_01.vma.zst") == guest_kind::qemu);
    CHECK(kind("", "", "pbs:backup/vm/101/2026-11-24T02:00:01Z") == guest_kind::qemu);
    CHECK(kind("", "", "pbs:backup/ct/101/2026-11-24T02:00:01Z") == guest_kind::lxc);
    CHECK(kind("qemu", "tar.zst", "local:backup/vzdump-lxc-101-2026_01_31-03_00_01.tar.zst") == std::nullopt);
    CHECK(kind("unknown", "raw", "nas:backup/of-101-long-ago") == std::nullopt);
}

TEST_CASE("a privilege that is named is held, and below a listed path only what propagates")
{
    const auto held =
        understand(sample::data(R"({"/":{"Sys.Audit":1,"Sys.Modify":0},"/vms/101":{"VM.Audit":0,"VM.Backup":1}})"),
                   decode_permissions);
    REQUIRE(held.has_value());
    CHECK(held->on("/") == std::vector<std::string>{"Sys.Audit", "Sys.Modify"});
    CHECK(held->on("/vms/101") == std::vector<std::string>{"VM.Audit", "VM.Backup"});
    CHECK(held->on("/vms/102") == std::vector<std::string>{"Sys.Audit"});
    CHECK(held->on("").empty());
    CHECK(held->on("vms").empty());
    CHECK(understand(sample::data("{}"), decode_permissions) == permissions{.paths = {}});
    const auto odd = understand(sample::data(R"({"/":7,"/vms":{"VM.Audit":"yes","VM.Backup":1}})"), decode_permissions);
    CHECK(odd == permissions{.paths = {{"/", {}}, {"/vms", {{"VM.Audit", false}, {"VM.Backup", true}}}}});
    CHECK(understand(sample::recorded("pve6.2/permissions"), decode_permissions).has_value());
}

TEST_CASE("in a list, a task runs while it has neither an end nor an exit status")
{
    const auto active = every_row(understand(sample::recorded("pve8.4/active-tasks"), decode_tasks));
    REQUIRE(active.has_value());
    REQUIRE(active->size() == 2);
    CHECK(active->front().running());
    const auto past = every_row(understand(sample::recorded("pve8.4/node-tasks"), decode_tasks));
    REQUIRE(past.has_value());
    CHECK_FALSE(past->front().running());
    CHECK(past->front().exit_status == "OK");
}

TEST_CASE("a task's status is running, or stopped with its exit status")
{
    CHECK(understand(sample::recorded("pve6.2/task-status-running"), decode_task_status)
          == task_status{.running = true});
    CHECK(understand(sample::recorded("pve9.2/task-status-warnings-token"), decode_task_status)
          == task_status{.running = false, .exit_status = "WARNINGS: 1"});
    CHECK(understand(sample::data(R"({"status":"stopped"})"), decode_task_status) == task_status{.running = false});
    CHECK(understand(sample::data(R"({"status":"waiting"})"), decode_task_status).error()
          == call_error{decode_error{"$.data.status", "\"running\" or \"stopped\"", "\"waiting\""}});
}

TEST_CASE("a log is its lines, and an empty one and a missing one have none")
{
    const auto log = log_of(sample::recorded("pve6.2/task-log"));
    REQUIRE(log.has_value());
    CHECK(log->lines.front() == "INFO: starting new backup job: vzdump 100 --node pve --compress lzo");
    CHECK(log_of(sample::recorded("pve6.2/task-log-empty-no-content")) == task_log{.lines = {}});
    CHECK(log_of(sample::data(R"({"n":1,"t":"unable to open file - No such file or directory"})"))
          == task_log{.lines = {}});
    CHECK(log_of(sample::answer(R"({"data":[{"n":8,"t":"TASK OK"}],"total":8})"))
          == task_log{.lines = {"TASK OK"}, .total = 8});
}
