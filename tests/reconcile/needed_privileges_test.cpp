#include "support/catch.hpp"

#include <felhom/reconcile/desired_json.hpp>
#include <felhom/reconcile/needed_privileges.hpp>

#include <string>
#include <vector>

using namespace felhom;
using namespace felhom::reconcile;

namespace {

auto at_home() -> privilege_scope
{
    return {.node = node_name::parse("pve1").value()};
}

auto needed_for(const std::string& guests, const privilege_scope& scope = at_home()) -> std::vector<std::string>
{
    const auto& table = key_table::standard();
    const auto desired =
        parse_desired_state(R"({"version":1,"generation":1,"guests":[)" + guests + "]}", table).value();
    auto all = std::vector<std::string>{};
    for (const auto& one : needed_privileges(desired, table, scope)) {
        all.push_back(one.path + " " + one.privilege);
    }
    return all;
}

using lines = std::vector<std::string>;

} // namespace

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

TEST_CASE("a hub needs the node's status and its storages")
{
    auto scope = at_home();
    scope.reports = true;
    CHECK(needed_for("", scope) == lines{"/nodes/pve1 Sys.Audit", "/storage Datastore.Audit"});
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
    CHECK(idle_of(needed, granted, at_home()) == std::vector<idle_privilege>{{"/", "Sys.Modify"}});
}

TEST_CASE("what does not come down to the guest that needs it is idle")
{
    const auto needed = std::vector<needed_privilege>{{"/vms/102", "VM.Audit", ""}};
    const auto granted = proxmox::permissions{.paths = {{"/vms", {{"VM.Audit", false}}}}};
    CHECK(idle_of(needed, granted, at_home()) == std::vector<idle_privilege>{{"/vms", "VM.Audit"}});
}

TEST_CASE("what signed operations use is not idle where somebody may sign")
{
    const auto granted = proxmox::permissions{.paths = {{"/vms", {{"VM.Allocate", true}}}}};
    CHECK(idle_of({}, granted, at_home()).size() == 1);
    auto scope = at_home();
    scope.takes_signed = true;
    CHECK(idle_of({}, granted, scope).empty());
}
