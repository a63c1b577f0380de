// SPDX-License-Identifier: Apache-2.0
#include "proxmox/sample.hpp"
#include "support/catch.hpp"
#include "support/understand.hpp"

#include <felhom/proxmox/api/question.hpp>
#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/decode/configuration.hpp>
#include <felhom/proxmox/model/cluster_options.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/model/node_status.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/proxmox/model/snapshot_list.hpp>
#include <felhom/proxmox/model/vm_summary.hpp>

using namespace felhom::proxmox;
using felhom::testing::understand;

TEST_CASE("a running guest is read from the list of PVE 9")
{
    const auto list = every_row(understand(sample::recorded("pve9.2/lxc-list-running"), decode_guests));
    REQUIRE(list.has_value());
    REQUIRE_FALSE(list->empty());
    CHECK(list->front().power == power_state::running);
    CHECK(list->front().uptime == 4457);
    CHECK(list->front().memory == 23384064);
    CHECK(list->front().cpus == 1);
}

TEST_CASE("the list of PVE 6 has vmids as text and empty texts for what is unset")
{
    const auto list = every_row(understand(sample::recorded("pve6.2/lxc-list-stopped"), decode_guests));
    REQUIRE(list.has_value());
    REQUIRE_FALSE(list->empty());
    CHECK(list->front().power == power_state::stopped);
    CHECK_FALSE(list->front().is_template);
    CHECK_FALSE(list->front().lock.has_value());
}

TEST_CASE("a guest's row is read whole")
{
    const auto answer = sample::data(
        R"({"vmid":"101","status":"running","name":"web","template":1,"lock":"backup","tags":"a;b","cpu":-0.25,
            "cpus":"0.50","mem":1,"maxmem":2,"swap":3,"maxswap":4,"disk":5,"maxdisk":3.47e+15,"netin":7,"netout":8,
            "diskread":9,"diskwrite":10,"uptime":"11","pressureiosome":"0.00","type":"lxc","ha":{"managed":1,
            "state":"started"}})");
    CHECK(understand(answer, decode_guest_status)
          == guest_status{.summary = {.id = sample::guest(),
                                      .power = power_state::running,
                                      .name = "web",
                                      .is_template = true,
                                      .lock = "backup",
                                      .tags = "a;b",
                                      .cpu = -0.25,
                                      .cpus = 0.5,
                                      .memory = 1,
                                      .memory_limit = 2,
                                      .swap = 3,
                                      .swap_limit = 4,
                                      .disk = 5,
                                      .disk_limit = 3470000000000000,
                                      .network_in = 7,
                                      .network_out = 8,
                                      .disk_read = 9,
                                      .disk_written = 10,
                                      .uptime = 11},
                          .managed_by_ha = true,
                          .ha_state = "started"});
}

TEST_CASE("a row without figures is a guest, and one without an id or with an unknown state is an error")
{
    CHECK(every_row(understand(sample::data(R"([{"vmid":101,"status":"stopped"}])"), decode_guests))
          == std::vector{guest_summary{.id = sample::guest(), .power = power_state::stopped, .name = "CT101"}});
    CHECK(
        every_row(understand(sample::data(R"([{"vmid":101,"status":"stopped"},{"status":"stopped"}])"), decode_guests))
            .error()
        == call_error{decode_error{"$.data[1].vmid", "a value", "nothing"}});
    CHECK(every_row(understand(sample::data(R"([{"vmid":101,"status":"paused"}])"), decode_guests)).error()
          == call_error{decode_error{"$.data[0].status", "\"running\" or \"stopped\"", "\"paused\""}});
    CHECK(every_row(understand(sample::data(R"([{"vmid":99,"status":"stopped"}])"), decode_guests)).error()
          == call_error{decode_error{"$.data[0].vmid", "a vmid (a number from 100 to 999999999)", "99"}});
    CHECK(every_row(understand(sample::data(R"({"vmid":101})"), decode_guests)).error()
          == call_error{decode_error{"$.data", "an array", "an object"}});
}

TEST_CASE("the status of a guest is read from PVE 6 and PVE 8, and a missing guest is an error of the API")
{
    const auto old = understand(sample::recorded("pve6.2/lxc-status-current-stopped"), decode_guest_status);
    REQUIRE(old.has_value());
    CHECK(old->summary.id == sample::guest(100));
    const auto newer = understand(sample::recorded("pve8.4/nodes-pve1-lxc-101-status-current"), decode_guest_status);
    REQUIRE(newer.has_value());
    CHECK(newer->summary.tags == "prod;web");
    CHECK_FALSE(newer->managed_by_ha);
    CHECK(understand(sample::recorded("pve6.2/lxc-status-current-missing-500"), decode_guest_status).error()
          == call_error{
              api_error{.status = 500, .message = "Configuration file 'nodes/pve/lxc/101.conf' does not exist"}});
}

TEST_CASE("a configuration is read as sorted text, with its digest and its raw lines apart")
{
    CHECK(understand(sample::recorded("pve9.2/lxc-config"), decode_guest_config)
          == guest_config{
              .entries = {{"arch", "amd64"},
                          {"cores", "1"},
                          {"hostname", "Contenedor-Prueba-Postman"},
                          {"memory", "512"},
                          {"net0", "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:07:CC:54,ip=dhcp,type=veth"},
                          {"ostype", "debian"},
                          {"rootfs", "local-lvm:vm-201-disk-0,size=8G"},
                          {"swap", "512"},
                          {"unprivileged", "1"}},
              .digest = "4202c1092a6b4e06374400f8f332c3b6fadb450b",
              .lxc = {},
          });
    const auto by_hand = understand(sample::recorded("pve8.4/config-of-handmade-current-1"), decode_guest_config);
    REQUIRE(by_hand.has_value());
    CHECK(by_hand->lxc == std::vector<std::pair<std::string, std::string>>{{"lxc.apparmor.profile", "unconfined"}});
    CHECK(by_hand->find("description") == "hand made: 50%\n two\n");
    CHECK(by_hand->find("digest") == std::nullopt);
}

TEST_CASE("values of a configuration keep every digit and every byte, and keys nobody knows are kept")
{
    const auto answer = sample::data(
        R"({"digest":"4202c1092a6b4e06374400f8f332c3b6fadb450b","cpulimit":1.50,"memory":9007199254740993,"a-new-key":"x",
            "env":"A=1\u0000B=2","tags":" ","onboot":true,"gone":null,"lxc":[["a","1"],["b",2],["a","3"]]})");
    CHECK(understand(answer, decode_guest_config)
          == guest_config{
              .entries = {{"a-new-key", "x"},
                          {"cpulimit", "1.5"},
                          {"env", std::string{"A=1\0B=2", 7}},
                          {"memory", "9007199254740993"},
                          {"onboot", "1"},
                          {"tags", " "}},
              .digest = "4202c1092a6b4e06374400f8f332c3b6fadb450b",
              .lxc = {{"a", "1"}, {"b", "2"}, {"a", "3"}},
          });
}

TEST_CASE("a configuration without a digest, or with a value that is no scalar, is an error")
{
    const auto error_of = [](const std::string& json) {
        return understand(sample::data(json), decode_guest_config).error();
    };
    CHECK(error_of(R"({"memory":512})") == call_error{decode_error{"$.data.digest", "a value", "nothing"}});
    CHECK(error_of(R"({"digest":""})")
          == call_error{decode_error{"$.data.digest", "a digest (40 lower-case hexadecimal digits)", "\"\""}});
    CHECK(error_of(R"({"memory":[512]})")
          == call_error{decode_error{"$.data.memory", "a string, a number or a boolean", "an array"}});
    CHECK(error_of(R"({"lxc":[["a"]]})") == call_error{decode_error{"$.data.lxc[0]", "a [key, value]", "an array"}});
    CHECK(error_of("null") == call_error{decode_error{"$.data", "an object", "null"}});
}

TEST_CASE("pending changes are read key by key")
{
    const auto pending = understand(sample::recorded("derived/lxc-pending"), decode_pending);
    CHECK(pending
          == pending_config{
              .entries = {{.key = "cores", .value = "2", .remove = true},
                          {.key = "cpulimit", .value = "0.50"},
                          {.key = "features", .pending = "nesting=1"},
                          {.key = "memory", .value = "512", .pending = "1024"},
                          {.key = "onboot", .value = "1"},
                          {.key = "swap", .value = "0", .remove = true}},
              .digest = "bd86f72ab0ec405ba32c037ed8d1d58932950ee5",
          });
    CHECK_FALSE(pending->in_sync());
    CHECK(understand(sample::recorded("pve8.4/nodes-pve1-lxc-109-pending"), decode_pending).has_value());
}

TEST_CASE("a configuration is in sync when nothing waits: a forced deletion waits too")
{
    const auto in_sync = [](const std::string& json) {
        const auto pending = understand(sample::data(json), decode_pending);
        REQUIRE(pending.has_value());
        return pending->in_sync();
    };
    CHECK(in_sync(R"([{"key":"memory","value":512},{"key":"digest","value":"x"}])"));
    CHECK(in_sync("[]"));
    CHECK(in_sync(R"([{"key":"memory","value":512,"pending":512}])")); // what is in force waits for nothing
    CHECK_FALSE(in_sync(R"([{"key":"memory","value":512,"pending":1024}])"));
    CHECK_FALSE(in_sync(R"([{"key":"swap","delete":2}])"));
    CHECK_FALSE(in_sync(R"([{"key":"swap","value":0,"delete":"1"}])"));
    CHECK_FALSE(understand(sample::data(R"([{"key":"swap","delete":3}])"), decode_pending).has_value());
    CHECK_FALSE(understand(sample::data(R"([{"key":"swap"},{"key":"swap"}])"), decode_pending).has_value());
    CHECK_FALSE(understand(sample::data(R"([{"value":1}])"), decode_pending).has_value());
}

TEST_CASE("the guest as it is now is no snapshot")
{
    CHECK(
        understand(sample::recorded("pve9.2/lxc-snapshot-list-none"), decode_snapshot_list)
        == snapshot_list{.snapshots = {}, .digest = *config_digest::parse("5e3a5c6daf1f72ea7596099fbe39a0617ba2287c")});
    CHECK(understand(sample::recorded("pve8.4/nodes-pve1-lxc-109-snapshot"), decode_snapshot_list)
          == snapshot_list{.snapshots = {{.name = "before",
                                          .description = "snap description\n",
                                          .taken = std::chrono::sys_seconds{std::chrono::seconds{1745000000}}}},
                           .parent = "before",
                           .digest = *config_digest::parse("aa12bc4aeb8b4d40c57d70ff074f72be6f2d275c")});
}

TEST_CASE("a figure that is none is not told, and takes nothing else from the guest")
{
    CHECK(every_row(understand(
              sample::data(R"([{"vmid":101,"status":"stopped","mem":-1,"maxmem":"8G","cpu":[],"uptime":7}])"),
              decode_guests))
          == std::vector{
              guest_summary{.id = sample::guest(), .power = power_state::stopped, .name = "CT101", .uptime = 7}});
}

TEST_CASE("of a list whose rows count by themselves, one that is not understood takes the others from nobody")
{
    const auto list = understand(sample::data(R"([{"vmid":101,"status":"stopped"},{"vmid":102,"status":"paused"},7])"),
                                 decode_guests);
    REQUIRE(list.has_value());
    REQUIRE(list->rows.size() == 1);
    CHECK(list->rows.front().id == sample::guest(101));
    REQUIRE(list->odd.size() == 2);
    CHECK(list->odd[0]
          == odd_row{sample::guest(102), {"$.data[1].status", "\"running\" or \"stopped\"", "\"paused\""}});
    CHECK(list->odd[1].guest == std::nullopt);
    CHECK_FALSE(understand(sample::data("{}"), decode_guests).has_value());
}

TEST_CASE("a list of more than 4,096 rows that are not understood is no list")
{
    const auto odd_rows = [](std::size_t count) {
        auto rows = std::string{R"([{"vmid":101,"status":"stopped"})"};
        for (auto number = std::size_t{0}; number < count; ++number) {
            rows += ",7";
        }
        return sample::data(rows + "]");
    };
    CHECK(understand(odd_rows(4096), decode_guests).value().odd.size() == 4096);
    CHECK(understand(odd_rows(4097), decode_guests)
          == tl::unexpected<call_error>(
              decode_error{"$.data", "a list of which at most 4096 rows are not understood", "an array"}));
}

TEST_CASE("a row that is not understood may be any guest's, unless it says whose it is")
{
    const auto of_102 = std::vector<odd_row>{{sample::guest(102), {}}};
    CHECK(odd_row_of(sample::guest(101), of_102) == nullptr);
    CHECK(odd_row_of(sample::guest(102), of_102) != nullptr);
    const auto of_any = std::vector<odd_row>{{std::nullopt, {}}};
    CHECK(odd_row_of(sample::guest(101), of_any) != nullptr);
}

TEST_CASE("the nodes of the cluster tell the cgroup version that they run guests under, unless they do not report, and "
          "whether they are online")
{
    CHECK(understand(
              sample::data(
                  R"([{"type":"node","node":"pve1","cgroup-mode":1,"status":"online"},{"type":"node","node":"pve2"}])"),
              decode_cluster_nodes)
              ->rows
          == std::vector{cluster_node{sample::node("pve1"), 1, true}, cluster_node{sample::node("pve2")}});
}

TEST_CASE("the cluster's options tell how tags compare and which of them are reserved")
{
    const auto options = [](const std::string& data) { return understand(sample::data(data), decode_cluster_options); };
    CHECK(options("{}") == cluster_options{});
    // As recorded on PVE 8.4.21, with a token that has no Sys.Audit on /.
    CHECK(options(R"({"allowed-tags":["prod","web"],"description":"","mac_prefix":"BC:24:11"})")
          == cluster_options{.tags = {.allowed = {"prod", "web"}}});
    CHECK(options(R"({"tag-style":{"case-sensitive":1},"registered-tags":["prod"],
                      "user-tag-access":{"user-allow":"list"},"allowed-tags":["web"]})")
          == cluster_options{.tags_case_sensitive = true,
                             .tags = {.registered = {"prod"}, .any_other = false, .allowed = {"web"}}});
    CHECK(options(R"({"tag-style":"shape=full,case-sensitive=1"})")->tags_case_sensitive);
    CHECK_FALSE(options("[]").has_value());
    CHECK_FALSE(options(R"({"registered-tags":1})").has_value());
}

TEST_CASE("guests of the cluster are found with their node, also while it does not report")
{
    const auto found = understand(sample::data(R"([{"type":"lxc","vmid":101,"node":"pve1","status":"running"},
                                                   {"type":"qemu","vmid":200,"node":"pve2","status":"unknown"}])"),
                                  decode_cluster_guests);
    REQUIRE(found.has_value());
    CHECK(found->rows
          == std::vector{
              cluster_guest{sample::guest(101), cluster_guest::kind::lxc, sample::node("pve1"), power_state::running},
              cluster_guest{sample::guest(200), cluster_guest::kind::qemu, sample::node("pve2"), std::nullopt}});
    CHECK(understand(sample::recorded("pve8.4/cluster-resources-type-vm"), decode_cluster_guests).has_value());
}

TEST_CASE("of a virtual machine it is read that it is there, and one odd machine spoils no list")
{
    const auto list = understand(
        sample::data(
            R"([{"vmid":109,"name":"windows","status":"running","cpus":4},{"vmid":7},{"vmid":"110","status":"paused"}])"),
        decode_vms);
    REQUIRE(list.has_value());
    CHECK(list->rows
          == std::vector<vm_summary>{{.id = sample::guest(109), .name = "windows", .power = power_state::running},
                                     {.id = sample::guest(110), .name = std::nullopt, .power = std::nullopt}});
    REQUIRE(list->odd.size() == 1);
    CHECK(list->odd.front().why.path == "$.data[1].vmid");
}
