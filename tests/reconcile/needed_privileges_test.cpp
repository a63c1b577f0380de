// SPDX-License-Identifier: Apache-2.0
#include "builders.hpp"
#include "support/catch.hpp"

#include <felhom/reconcile/desired/desired_json.hpp>
#include <felhom/reconcile/privileges/idle_privileges.hpp>
#include <felhom/reconcile/privileges/needed_privileges.hpp>

#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::lxc;
using namespace felhom::reconcile;

namespace {

auto at_home() -> privilege_scope
{
    return {.node = node_name::parse("pve1").value()};
}

using lines = std::vector<std::string>;

auto texts_of(const std::vector<needed_privilege>& needed) -> lines
{
    auto all = lines{};
    for (const auto& one : needed) {
        all.push_back(one.path + " " + one.privilege);
    }
    return all;
}

auto all_needed_for(const std::string& guests, const privilege_scope& scope) -> std::vector<needed_privilege>
{
    const auto& table = key_table::standard();
    const auto desired =
        parse_desired_state(R"({"version":1,"generation":1,"guests":[)" + guests + "]}", table).value();
    return needed_privileges(desired, table, scope);
}

auto needed_for(const std::string& guests, const privilege_scope& scope = at_home()) -> lines
{
    return texts_of(all_needed_for(guests, scope));
}

/// What of it a token lacks that holds these on every guest.
auto missing_with(const std::string& guests, const lines& held) -> lines
{
    auto granted = proxmox::permissions{.paths = {{"/vms", {}}}};
    for (const auto& privilege : held) {
        granted.paths.front().privileges.push_back({.name = privilege, .propagates = true});
    }
    return texts_of(missing_of(all_needed_for(guests, at_home()), granted));
}

auto reporting() -> privilege_scope
{
    auto scope = at_home();
    scope.reports = true;
    return scope;
}

} // namespace

TEST_CASE("to know that a guest is gone takes what does not go with it")
{
    const auto absent = std::string{R"({"vmid":101,"absent":true})"};
    CHECK(needed_for(absent) == lines{"/vms VM.Audit"});
    CHECK(missing_with(absent, {"VM.Audit"}).empty());
    const auto only_on_it = proxmox::permissions{.paths = {{"/vms/101", {{.name = "VM.Audit", .propagates = true}}}}};
    CHECK(texts_of(missing_of(all_needed_for(absent, at_home()), only_on_it)) == lines{"/vms VM.Audit"});
}

TEST_CASE("nothing desired needs nothing")
{
    CHECK(needed_for("").empty());
}

TEST_CASE("each key needs the privilege of its row, and the guest to be seen")
{
    CHECK(needed_for(R"({"vmid":102,"spec":{"memory":512}})")
          == lines{"/vms/102 VM.Audit", "/vms/102 VM.Config.Memory"});
    CHECK(needed_for(R"({"vmid":102,"run_state":"running"})") == lines{"/vms/102 VM.Audit", "/vms/102 VM.PowerMgmt"});
    CHECK(needed_for(R"({"vmid":102,"spec":{"memory":512,"swap":512}})").size() == 2);
}

TEST_CASE("an interface needs the use of its bridge, and of its tag there")
{
    const auto needed = needed_for(R"({"vmid":102,"config":{"net0":"name=eth0,bridge=vmbr0,tag=7,ip=dhcp"}})");
    CHECK(needed
          == lines{"/sdn/zones/localnetwork/vmbr0/7 SDN.Use", "/vms/102 VM.Audit", "/vms/102 VM.Config.Network"});
}

TEST_CASE("an interface needs the use of the bridge that it has now, too")
{
    const auto actual = testing::observed(
        {testing::actual_guest_builder{102}.with("net0", "name=eth0,bridge=vmbr0,ip=dhcp,type=veth").build()});
    auto scope = at_home();
    scope.actual = &actual;
    const auto tagged = std::string{R"({"vmid":102,"config":{"net0":"name=eth0,bridge=vmbr0,tag=20,ip=dhcp"}})"};
    CHECK(needed_for(tagged, scope)
          == lines{"/sdn/zones/localnetwork/vmbr0 SDN.Use", "/sdn/zones/localnetwork/vmbr0/20 SDN.Use",
                   "/vms/102 VM.Audit", "/vms/102 VM.Config.Network"});
    CHECK(needed_for(R"({"vmid":102,"config":{"net0":null}})", scope)
          == lines{"/sdn/zones/localnetwork/vmbr0 SDN.Use", "/vms/102 VM.Audit", "/vms/102 VM.Config.Network"});
}

TEST_CASE("before Proxmox VE 8 a bridge needs no privilege of its own")
{
    auto scope = at_home();
    scope.changing.facts.release = {.major = 7, .minor = 4};
    CHECK(needed_for(R"({"vmid":102,"config":{"net0":"name=eth0,bridge=vmbr0,ip=dhcp"}})", scope)
          == lines{"/vms/102 VM.Audit", "/vms/102 VM.Config.Network"});
}

TEST_CASE("who may use something in another zone is not said to lack a bridge, whose zone only the node knows")
{
    const auto needed =
        all_needed_for(R"({"vmid":102,"config":{"net0":"name=eth0,bridge=office,ip=dhcp"}})", at_home());
    const auto granted = proxmox::permissions{.paths = {{"/sdn/zones/office", {{"SDN.Use", true}}},
                                                        {"/vms", {{"VM.Audit", true}, {"VM.Config.Network", true}}}}};
    CHECK(missing_of(needed, granted).empty());
}

TEST_CASE("a reserved tag needs Sys.Modify on everything, as in the plan")
{
    const auto actual = testing::observed({testing::actual_guest_builder{102}.with("tags", "web").build()});
    auto scope = at_home();
    scope.actual = &actual;
    scope.changing.tags = proxmox::tag_access{.registered = {"prod"}};
    CHECK(needed_for(R"({"vmid":102,"config":{"tags":"prod;web"}})", scope)
          == lines{"/ Sys.Modify", "/vms/102 VM.Audit", "/vms/102 VM.Config.Options"});
    CHECK(needed_for(R"({"vmid":102,"config":{"tags":"web"}})", scope)
          == lines{"/vms/102 VM.Audit", "/vms/102 VM.Config.Options"});
}

TEST_CASE("a guest that is only observed needs to be seen")
{
    auto scope = at_home();
    scope.observed = {*vmid::from_number(102)};
    CHECK(needed_for(R"({"vmid":102,"run_state":"running","spec":{"memory":512}})", scope)
          == lines{"/vms/102 VM.Audit"});
}

TEST_CASE("a key that only a signature lets through needs its privilege where somebody may sign")
{
    const auto disk = std::string{R"({"vmid":102,"config":{"mp0":"local:8,mp=/srv"}})"};
    CHECK(needed_for(disk) == lines{"/vms/102 VM.Audit"});
    auto scope = at_home();
    scope.takes_signed = true;
    CHECK(needed_for(disk, scope) == lines{"/vms/102 VM.Audit", "/vms/102 VM.Config.Disk"});
}

TEST_CASE("a key that needs none of VM.Config.* needs one of them for the call, and Options is named")
{
    const auto nesting = std::string{R"({"vmid":102,"config":{"features":"nesting=1"}})"};
    CHECK(needed_for(nesting) == lines{"/vms/102 VM.Allocate", "/vms/102 VM.Audit", "/vms/102 VM.Config.Options"});
    CHECK(missing_with(nesting, {"VM.Allocate", "VM.Audit", "VM.Config.CPU"}).empty());
    CHECK(missing_with(nesting, {"VM.Allocate", "VM.Audit"}) == lines{"/vms/102 VM.Config.Options"});
    CHECK(needed_for(R"({"vmid":102,"spec":{"memory":512},"config":{"features":"nesting=1"}})")
          == lines{"/vms/102 VM.Allocate", "/vms/102 VM.Audit", "/vms/102 VM.Config.Memory"});
}

TEST_CASE("a hub needs the node's status, its guests, its storages and their backups")
{
    CHECK(needed_for("", reporting())
          == lines{"/nodes/pve1 Sys.Audit", "/storage Datastore.AllocateSpace", "/storage Datastore.Audit",
                   "/vms VM.Audit", "/vms VM.Backup"});
    auto scope = reporting();
    scope.backup_storages = {proxmox::storage_id::parse("local").value()};
    CHECK(needed_for("", scope)
          == lines{"/nodes/pve1 Sys.Audit", "/storage Datastore.Audit", "/storage/local Datastore.AllocateSpace",
                   "/vms VM.Audit", "/vms VM.Backup"});
}

TEST_CASE("a storage's backups are all seen by who may allocate it, or who may use it and back up every guest")
{
    const auto needed = needed_for_backups("/storage/local");
    const auto with = [&](std::vector<proxmox::path_permissions> paths) {
        return missing_of(needed, {.paths = std::move(paths)}).size();
    };
    CHECK(with({{"/storage", {{"Datastore.Audit", true}}}, {"/vms", {{"VM.Audit", true}}}}) == 2);
    CHECK(with({{"/storage", {{"Datastore.Allocate", true}}}}) == 0);
    CHECK(with({{"/storage/local", {{"Datastore.AllocateSpace", true}}}, {"/vms", {{"VM.Backup", true}}}}) == 0);
    CHECK(with({{"/storage/local", {{"Datastore.AllocateSpace", true}}}, {"/vms/101", {{"VM.Backup", true}}}}) == 1);
}

TEST_CASE("who may allocate one storage is not taken for one who sees the backups on another")
{
    auto scope = reporting();
    scope.backup_storages = {proxmox::storage_id::parse("local").value(), proxmox::storage_id::parse("usb").value()};
    const auto granted = proxmox::permissions{.paths = {{"/nodes/pve1", {{"Sys.Audit", true}}},
                                                        {"/storage", {{"Datastore.Audit", true}}},
                                                        {"/storage/local", {{"Datastore.Allocate", true}}},
                                                        {"/vms", {{"VM.Audit", true}}}}};
    const auto needed = needed_privileges({.generation = 1, .guests = {}}, key_table::standard(), scope);
    CHECK(texts_of(missing_of(needed, granted)) == lines{"/storage/usb Datastore.AllocateSpace", "/vms VM.Backup"});
}

TEST_CASE("to see every guest takes a privilege that comes down to each")
{
    const auto missing = [](std::vector<proxmox::path_permissions> paths) {
        return missing_of(needed_for_guests(), {.paths = std::move(paths)}).size();
    };
    CHECK(missing({{"/", {{"VM.Audit", true}}}}) == 0);
    CHECK(missing({{"/vms", {{"VM.Audit", true}}}}) == 0);
    CHECK(missing({{"/vms", {{"VM.Audit", false}}}}) == 1);
    CHECK(missing({{"/vms/101", {{"VM.Audit", true}}}}) == 1);
}

TEST_CASE("what is granted above, and comes down, is not missing")
{
    const auto needed = std::vector<needed_privilege>{{"/vms/102", "VM.Audit", ""}, {"/vms/103", "VM.Audit", ""}};
    const auto granted = proxmox::permissions{.paths = {{"/vms", {{"VM.Audit", true}}}, {"/vms/103", {}}}};
    CHECK(missing_of(needed, granted) == std::vector{needed[1]});
}

TEST_CASE("storages may be granted one by one")
{
    const auto needed = std::vector<needed_privilege>{{"/storage", "Datastore.Audit", ""}};
    CHECK(missing_of(needed, {.paths = {{"/storage/local", {{"Datastore.Audit", true}}}}}).empty());
    CHECK(missing_of(needed, {.paths = {{"/storage/local", {{"Datastore.Allocate", true}}}}}) == needed);
}

TEST_CASE("a privilege that nothing needs is idle, once, where it was granted")
{
    const auto needed = std::vector<needed_privilege>{{"/vms/102", "VM.Audit", ""}};
    const auto granted = proxmox::permissions{
        .paths = {{"/", {{"Sys.Modify", true}, {"VM.Audit", true}}}, {"/vms", {{"Sys.Modify", true}}}}};
    CHECK(idle_of(needed, {}, granted) == std::vector<privilege_on>{{"/", "Sys.Modify"}});
}

TEST_CASE("what does not come down to the guest that needs it is idle")
{
    const auto needed = std::vector<needed_privilege>{{"/vms/102", "VM.Audit", ""}};
    const auto granted = proxmox::permissions{.paths = {{"/vms", {{"VM.Audit", false}}}}};
    CHECK(idle_of(needed, {}, granted) == std::vector<privilege_on>{{"/vms", "VM.Audit"}});
}

TEST_CASE("what a report needs is not idle, nor is what stands in its place")
{
    const auto needed = needed_privileges({.generation = 1, .guests = {}}, key_table::standard(), reporting());
    const auto granted = proxmox::permissions{.paths = {{"/",
                                                         {{"Datastore.Allocate", true},
                                                          {"Datastore.AllocateSpace", true},
                                                          {"Datastore.Audit", true},
                                                          {"Sys.Audit", true},
                                                          {"VM.Audit", true},
                                                          {"VM.Backup", true},
                                                          {"VM.PowerMgmt", true}}}}};
    CHECK(idle_of(needed, {}, granted) == std::vector<privilege_on>{{"/", "VM.PowerMgmt"}});
}

TEST_CASE("what is asked for at times is not idle where it is of use, and not missed")
{
    const auto at_times = std::vector<privilege_on>{{"/vms", "VM.PowerMgmt"}, {"/vms/101", "VM.Audit"}};
    const auto granted = proxmox::permissions{
        .paths = {{"/vms/101", {{"VM.Audit", true}, {"VM.PowerMgmt", true}}}, {"/vms/102", {{"VM.Audit", true}}}}};
    CHECK(idle_of({}, at_times, granted) == std::vector<privilege_on>{{"/vms/102", "VM.Audit"}});
}

TEST_CASE("to grow a volume takes the privilege to change disks, and the one to allocate on its storage")
{
    const auto guest = std::string{R"({"vmid":101,"config":{"mp0":"local-lvm:vm-101-disk-1,mp=/data,size=128G"}})"};
    CHECK(needed_for(guest) == lines{"/vms/101 VM.Audit"});
    auto scope = at_home();
    scope.grows = true;
    CHECK(needed_for(guest, scope) == lines{"/vms/101 VM.Audit", "/vms/101 VM.Config.Disk"});
    const auto smaller = testing::observed(
        {testing::actual_guest_builder{101}.with("mp0", "local-lvm:vm-101-disk-1,mp=/data,size=64G").build()});
    scope.actual = &smaller;
    const auto to_grow =
        lines{"/storage/local-lvm Datastore.AllocateSpace", "/vms/101 VM.Audit", "/vms/101 VM.Config.Disk"};
    CHECK(needed_for(guest, scope) == to_grow);
    CHECK(needed_for(R"({"vmid":101,"config":{"mp0":"local-lvm:128,mp=/data"}})", scope) == to_grow);
}
