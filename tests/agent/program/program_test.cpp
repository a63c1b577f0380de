// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <chrono>
#include <string>

using namespace felhom;
using namespace felhom::testing;

TEST_CASE("plan exits 2 while there is something to do, apply does it, and then plan exits 0")
{
    auto agent = program{};
    agent.desire(more_memory);
    CHECK(agent.run("plan").status == 2);
    CHECK(agent.run("apply").status == 0);
    CHECK(agent.run("plan").status == 0);
    agent.server.with_node([](sim::node& node) { CHECK(node.effects_of(102, "config") == 1); });
}

TEST_CASE("by default nothing is desired, and nothing is changed")
{
    auto agent = program{};
    CHECK(agent.run("apply").status == 0);
    agent.server.with_node([](sim::node& node) { CHECK(node.effects.empty()); });
}

TEST_CASE("with --json the whole of standard output is one document of a named schema")
{
    auto agent = program{};
    agent.desire(more_memory);
    const auto plan = boost::json::parse(agent.run("--json plan").out);
    CHECK(plan.at("schema").as_string() == "felhom-plan/1");
    CHECK(plan.at("actions").at(0).at("changes").at(0).at("to").as_string() == "1024");
    const auto applied = boost::json::parse(agent.run("--json apply").out);
    CHECK(applied.at("schema").as_string() == "felhom-apply/1");
    CHECK(applied.at("results").at(0).at("outcome").as_string() == "achieved");
    const auto selftest = boost::json::parse(agent.run("--json selftest").out);
    CHECK(selftest.at("ok").as_bool());
}

TEST_CASE("a node that is not there exits 3")
{
    auto agent = program{};
    agent.desire(more_memory);
    agent.server.stop();
    const auto said = agent.run("plan");
    CHECK(said.status == 3);
    CHECK(has(said.err, "cannot be reached"));
}

TEST_CASE("a node with another certificate exits 4, and gets not one byte of HTTP")
{
    auto agent = program{};
    agent.settings["FELHOM_AGENT_PROXMOX_FINGERPRINT"] = std::string(64, 'a');
    const auto said = agent.run("plan");
    CHECK(said.status == 4);
    CHECK(has(said.err, "not trusted"));
    CHECK(agent.server.counters().bytes_received == 0);
}

TEST_CASE("a node whose certificate the CA file did not sign exits 4, and gets not one byte of HTTP")
{
    auto agent = program{};
    const auto other = sim::https_server{sim::demo_world({})};
    agent.settings.erase("FELHOM_AGENT_PROXMOX_FINGERPRINT");
    agent.settings["FELHOM_AGENT_PROXMOX_CA_FILE"] = agent.files.write("ca.pem", other.certificate_pem());
    CHECK(agent.run("plan").status == 4);
    CHECK(agent.server.counters().bytes_received == 0);
    agent.settings["FELHOM_AGENT_PROXMOX_CA_FILE"] = agent.files.write("ca.pem", agent.server.certificate_pem());
    CHECK(agent.run("plan").status == 0);
}

TEST_CASE("a wrong token exits 4")
{
    auto agent = program{};
    agent.settings["FELHOM_AGENT_PROXMOX_TOKEN_SECRET"] = "00000000-0000-4000-8000-000000000000";
    CHECK(agent.run("plan").status == 4);
}

TEST_CASE("a missing privilege exits 4 and names it")
{
    auto agent = program{};
    agent.desire(R"({"vmid":105,"spec":{"memory":512}})");
    const auto said = agent.run("apply");
    CHECK(said.status == 4);
    CHECK(has(said.out, "VM.Config.Memory"));
}

TEST_CASE("a difference that needs a signature exits 5")
{
    auto agent = program{};
    agent.desire(R"({"vmid":106,"config":{"protection":false}})");
    CHECK(agent.run("apply").status == 5);
}

TEST_CASE("a locked guest exits 6")
{
    auto agent = program{};
    agent.desire(R"({"vmid":107,"spec":{"memory":512}})");
    CHECK(agent.run("apply").status == 6);
}

TEST_CASE("a change whose outcome is not known exits 7, and is not repeated")
{
    auto agent = program{};
    agent.desire(more_memory);
    agent.break_node({.method = "PUT", .path = "*/lxc/102/config", .what = sim::fault_kind::drops_before_apply{}});
    CHECK(agent.run("apply").status == 7);
    agent.server.with_node([](sim::node& node) { CHECK(node.effects_of(102, "config") == 0); });
    CHECK(agent.run("apply").status == 0);
}

TEST_CASE("a connection that is dropped after the change was made is read back, and the change not repeated")
{
    auto agent = program{};
    agent.desire(more_memory);
    agent.break_node({.method = "PUT", .path = "*/lxc/102/config", .what = sim::fault_kind::drops_after_apply{}});
    CHECK(agent.run("apply").status == 0);
    agent.server.with_node([](sim::node& node) { CHECK(node.effects_of(102, "config") == 1); });
}

TEST_CASE("an answer that is no JSON exits 1 and says what came")
{
    auto agent = program{};
    agent.break_node({.method = "GET", .path = "*/lxc", .what = sim::fault_kind::garbage{}, .times = 9});
    const auto said = agent.run("plan");
    CHECK(said.status == 1);
    CHECK(has(said.err, "<html>"));
}

TEST_CASE("a wrong command line exits 64 and says how to get help")
{
    auto agent = program{};
    for (const auto* arguments : {"frobnicate", "plan --frob", "selftest task", "selftest --vmid 5 task", "config"}) {
        INFO(arguments);
        const auto said = agent.run(arguments);
        CHECK(said.status == 64);
        CHECK(has(said.err, "help"));
        CHECK(said.out.empty());
    }
}

TEST_CASE("a mistyped command is answered with the one that was meant, and a group with what it offers")
{
    auto agent = program{};
    CHECK(has(agent.run("plann").err, "Did you mean 'plan'?\n"));
    CHECK(has(agent.run("ops lsit").err, "Did you mean 'list'?\n"));
    CHECK(has(agent.run("ops").err, "ops is followed by one of: list, show, ack, release\n"));
    CHECK_FALSE(has(agent.run("plan --frob").err, "Did you mean"));
}

TEST_CASE("a wrong configuration exits 78, names the setting, and what it should be")
{
    auto agent = program{};
    agent.settings["FELHOM_AGENT_CONFIG"] = agent.files.write("typo.json", R"({"proxmox":{"nod":"pve1"}})");
    const auto said = agent.run("plan");
    CHECK(said.status == 78);
    CHECK(has(said.err, "proxmox.node"));
    CHECK(agent.run("config check").status == 78);
}

TEST_CASE("a configuration that others can read exits 78 with the command that mends it")
{
    auto agent = program{};
    const auto path = agent.files.write("open.json", "{}", 0644);
    const auto said = agent.run("--config " + path + " plan");
    CHECK(said.status == 78);
    CHECK(has(said.err, "chmod"));
}

TEST_CASE("an empty name of the configuration is no name, wherever it is given")
{
    auto agent = program{};
    const auto typed = agent.run("--config '' plan");
    CHECK(typed.status == 64);
    CHECK(has(typed.err, "--config: expected a file's path, got nothing"));
    agent.settings["FELHOM_AGENT_CONFIG"] = "";
    const auto set = agent.run("plan");
    CHECK(set.status == 78);
    CHECK(has(set.err, "FELHOM_AGENT_CONFIG: expected a file's path, got nothing"));
}

TEST_CASE("a desired state that is malformed exits 78 with the path in it")
{
    auto agent = program{};
    agent.desire(R"({"vmid":101,"spec":{"memory":"lots"}})");
    const auto said = agent.run("plan");
    CHECK(said.status == 78);
    CHECK(has(said.err, "$.guests[0].spec.memory: expected an integer"));
}

TEST_CASE("a Proxmox VE command needs no hub, and config check tells what one needs")
{
    auto agent = program{};
    CHECK(agent.run("config check --for plan").status == 0);
    CHECK(agent.run("config check").status == 0);
    CHECK(agent.run("config check --for all").status == 78);
    agent.settings["FELHOM_AGENT_HUB_URL"] = "https://hub.example";
    CHECK(agent.run("config check").status == 78);
}

TEST_CASE("an inventory that shrank holds the pass until it is accepted")
{
    auto agent = program{};
    agent.desire(more_memory);
    CHECK(agent.run("apply").status == 0);
    agent.server.with_node([](sim::node& node) { node.guests.clear(); });
    const auto held = agent.run("apply");
    CHECK(held.status == 5);
    CHECK(has(held.err, "--accept-inventory"));
    CHECK(has(held.err, "felhom-agent apply --accept-inventory"));
    CHECK(agent.run("apply --accept-inventory").status == 1); // nowhere in the cluster, which is no denial
    CHECK(agent.run("apply").status == 1);
}

TEST_CASE("the self-test makes one snapshot, rolls back to it, deletes it, and restores the description")
{
    auto agent = program{};
    const auto before = [&] {
        auto text = std::string{};
        agent.server.with_node([&](sim::node& node) { text = sim::print(node.guests.at(103).config); });
        return text;
    };
    const auto original = before();
    CHECK(agent.run("selftest task --vmid 103").status == 0);
    CHECK(before() == original);
    agent.server.with_node([](sim::node& node) {
        CHECK(node.effects_of(103, "snapshot") == 1);
        CHECK(node.guests.at(103).config.snapshots.empty());
    });
    CHECK(agent.run("--selftest=task --vmid 103").status == 0);
}

TEST_CASE("the self-test refuses a running guest, since a rollback would stop it")
{
    auto agent = program{};
    const auto said = agent.run("selftest task --vmid 102");
    CHECK(said.status == 5);
    agent.server.with_node([](sim::node& node) { CHECK(node.effects.empty()); });
}

TEST_CASE("the reading self-test changes nothing")
{
    auto agent = program{};
    CHECK(agent.run("selftest").status == 0);
    CHECK(agent.run("--selftest").status == 0);
    agent.server.with_node([](sim::node& node) { CHECK(node.effects.empty()); });
}

TEST_CASE("no output of any command holds the token's secret")
{
    auto agent = program{};
    agent.desire(more_memory);
    agent.break_node({.method = "GET", .path = "*/lxc/102/pending", .what = sim::fault_kind::garbage{}});
    for (const auto* arguments :
         {"-v plan", "-v apply", "-v selftest", "config show", "--json config show", "config check"}) {
        INFO(arguments);
        const auto said = agent.run(arguments);
        CHECK_FALSE(has(said.out + said.err, sim::demo_tokens::agent_secret));
    }
    CHECK(has(agent.run("config show").out, "<redacted>"));
}

TEST_CASE("insecure_skip_verify works, and warns at every start")
{
    auto agent = program{};
    agent.settings.erase("FELHOM_AGENT_PROXMOX_FINGERPRINT");
    agent.settings["FELHOM_AGENT_PROXMOX_INSECURE_SKIP_VERIFY"] = "true";
    const auto said = agent.run("plan");
    CHECK(said.status == 0);
    CHECK(has(said.err, "insecure_skip_verify"));
}

TEST_CASE("version and help go to standard output and exit 0")
{
    auto agent = program{};
    CHECK(has(agent.run("version").out, "felhom-agent 0."));
    CHECK(agent.run("--version").out == agent.run("version").out);
    const auto help = agent.run("--help");
    CHECK(help.status == 0);
    for (const auto* word : {"plan", "apply", "selftest", "config", "verify", "--json", "--no-color", "Exit status"}) {
        CHECK(has(help.out, word));
    }
    CHECK(agent.run("help").out == help.out);
    CHECK(agent.run("help journal list").out == agent.run("journal list --help").out);
    CHECK(agent.run("help frobnicate").status == 64);
}

TEST_CASE("a number is read in decimal digits alone: with a zero in front it is refused, not another guest's")
{
    auto agent = program{};
    for (const auto* arguments :
         {"selftest task --vmid 0147", "selftest task --vmid 0x67", "explain 0146", "explain +103", "ops release 0x67",
          "ops show 010", "journal list --last -3", "journal show -1"}) {
        INFO(arguments);
        CHECK(agent.run(arguments).status == 64);
    }
}

TEST_CASE("what a line says twice, or says of what it does not run, is wrong usage and runs nothing")
{
    auto agent = program{};
    for (const auto* arguments :
         {"--selftest plan", "--selftest=task plan", "selftest --vmid 103", "--vmid 103 plan", "--vmid 103"}) {
        INFO(arguments);
        CHECK(agent.run(arguments).status == 64);
    }
}

TEST_CASE("the demo ends well in a few seconds, without colour where there is no terminal")
{
    auto agent = program{};
    const auto began = std::chrono::steady_clock::now();
    const auto said = agent.run_program(FELHOM_DEMO, "--agent " FELHOM_AGENT);
    CHECK(said.status == 0);
    CHECK(std::chrono::steady_clock::now() - began
          < std::chrono::seconds{30}); // the limit of a hung demo, not its speed
    CHECK(has(said.out, "needs an operator's signature"));
    CHECK(has(said.out, "1 to change, 1 to start, 0 to stop"));
    CHECK_FALSE(has(said.out, "\x1b["));
}

TEST_CASE("a thousand guests are read over few connections and one full handshake")
{
    auto agent = program{};
    auto guests = std::string{};
    agent.server.with_node([&](sim::node& node) {
        for (auto id = 1000U; id < 2000U; ++id) {
            sim::add_guest(node, id,
                           "arch: amd64\nmemory: 512\nostype: debian\nhostname: g" + std::to_string(id) + "\n");
            guests += (guests.empty() ? "" : ",") + std::string{R"({"vmid":)"} + std::to_string(id)
                      + R"(,"spec":{"memory":512}})";
        }
    });
    agent.desire(guests);
    const auto said = agent.run("plan");
    CHECK(said.status == 0);
    CHECK(has(said.out, "1000 guests checked"));
    const auto seen = agent.server.counters();
    CHECK(seen.requests == 1005);
    CHECK(seen.full_handshakes == 1);
    CHECK(seen.most_in_flight <= 4);
}
