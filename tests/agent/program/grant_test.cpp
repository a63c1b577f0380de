// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <string>
#include <string_view>

using namespace felhom;
using namespace felhom::testing;

namespace {

constexpr auto more_memory_for_mail = std::string_view{R"({"vmid":105,"spec":{"memory":512}})"};

} // namespace

TEST_CASE("plan prints the commands that grant what is missing, with all that the token holds there")
{
    auto agent = program{};
    agent.desire(more_memory_for_mail);
    const auto said = agent.run("plan");
    CHECK(has(said.out, "\n      pveum role add Felhom_"));
    CHECK(has(said.out, ",VM.Config.Memory,"));
    CHECK(has(said.out, ",VM.PowerMgmt,")); // held already, and lost by a role of the missing privilege alone
    CHECK(has(said.out, "pveum acl modify /vms/105 --tokens 'felhom@pve!agent' --roles Felhom_"));
    const auto document = boost::json::parse(agent.run("--json plan").out);
    CHECK(document.at("skipped").at(0).at("grants").as_array().size() == 2);
}

TEST_CASE("the role that is printed grants what was missing and takes nothing away")
{
    auto agent = program{};
    agent.desire(more_memory_for_mail);
    const auto said = agent.run("plan").out;
    const auto lead = std::string{"--privs "};
    const auto begin = said.find(lead) + lead.size();
    const auto privileges = said.substr(begin, said.find('\n', begin) - begin);
    agent.server.with_node([&](sim::node& node) {
        auto& role = node.access.roles["Granted"];
        for (auto at = std::size_t{0}; at < privileges.size();) {
            const auto comma = std::min(privileges.find(',', at), privileges.size());
            role.insert(privileges.substr(at, comma - at));
            at = comma + 1;
        }
        for (const auto& name : node.access.roles["NoMemory"]) {
            CHECK(role.contains(name));
        }
        for (auto& entry : node.access.entries) {
            entry.role = entry.path == "/vms/105" ? "Granted" : entry.role;
        }
    });
    CHECK(agent.run("apply").status == 0);
}

TEST_CASE("a privilege that only the node missed is granted by what apply prints")
{
    auto agent = program{};
    agent.desire(R"({"vmid":102,"spec":{"memory":1024}})");
    agent.break_node({.method = "PUT",
                      .path = "*/lxc/102/config",
                      .what = sim::fault_kind::answers{403, "Permission check failed (/vms/102, VM.Config.Memory)"},
                      .times = 9});
    const auto said = agent.run("apply");
    CHECK(said.status == 4);
    CHECK(has(said.out, "pveum role add Felhom_"));
    CHECK(has(said.out, ",VM.PowerMgmt,"));
}

TEST_CASE("a node whose guests may not be listed says what would grant that, and a wrong look-up takes nothing away")
{
    auto agent = program{};
    agent.break_node({.method = "GET",
                      .path = "*/nodes/pve1/lxc",
                      .what = sim::fault_kind::answers{403, "Permission check failed (/nodes/pve1, Sys.Audit)"},
                      .times = 9});
    const auto known = agent.run("plan");
    CHECK(known.status == 4);
    CHECK(has(known.err, "pveum role add Felhom_"));
    agent.break_node({.method = "GET",
                      .path = "*/access/permissions",
                      .what = sim::fault_kind::answers{403, "Permission check failed"},
                      .times = 9});
    const auto unknown = agent.run("plan");
    CHECK(has(unknown.err, "pveum user token permissions 'felhom@pve' 'agent' --path /nodes/pve1"));
    CHECK_FALSE(has(unknown.err, "pveum role add"));
}

TEST_CASE("what doctor advises for a new bridge lets the plan write the interface")
{
    auto agent = program{};
    agent.server.with_node([](sim::node& node) {
        node.access.roles["Guests"] = {"Sys.Audit", "VM.Audit", "VM.Config.Network"};
        for (auto& entry : node.access.entries) {
            entry.role = entry.path == "/" && entry.who == sim::demo_tokens::agent ? "Guests" : entry.role;
        }
    });
    agent.desire(R"({"vmid":102,"config":{"net0":"name=eth0,bridge=vmbr0,ip=dhcp,tag=20"}})");
    const auto advised = agent.run("doctor").out;
    CHECK(has(advised, "/sdn/zones/localnetwork/vmbr0 /sdn/zones/localnetwork/vmbr0/20; do pveum acl modify"));
    agent.server.with_node([](sim::node& node) {
        node.access.roles["Granted"] = {"SDN.Use", "Sys.Audit", "VM.Audit", "VM.Config.Network"};
        for (const auto* const path : {"/sdn/zones/localnetwork/vmbr0", "/sdn/zones/localnetwork/vmbr0/20"}) {
            node.access.entries.push_back({.path = path, .who = sim::demo_tokens::agent, .role = "Granted"});
        }
    });
    CHECK_FALSE(has(agent.run("plan").out, "lacks SDN.Use"));
    CHECK_FALSE(has(agent.run("doctor").out, "the token lacks"));
}

TEST_CASE("doctor knows that a guest on which the token has no privilege at all inherits none")
{
    auto agent = program{};
    agent.desire(R"({"vmid":108,"spec":{"memory":512}})");
    const auto found = agent.run("doctor");
    CHECK(found.status == 4);
    CHECK(has(found.out, "the token lacks on /vms/108: VM.Audit (guest 108: to see it), VM.Config.Memory"));
    CHECK(has(found.out, "pveum acl delete /vms/108 --tokens 'felhom@pve!agent' --roles NoAccess"));
}

TEST_CASE("the self-test prints what would grant a step that was refused")
{
    auto agent = program{};
    agent.break_node({.method = "GET",
                      .path = "*/nodes/pve1/status",
                      .what = sim::fault_kind::answers{403, "Permission check failed (/nodes/pve1, Sys.Audit)"}});
    const auto said = agent.run("selftest");
    CHECK(said.status == 4);
    CHECK(has(said.out, "pveum acl modify /nodes/pve1 --tokens 'felhom@pve!agent'"));
}
