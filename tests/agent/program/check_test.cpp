// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <filesystem>
#include <string>
#include <string_view>

using namespace felhom;
using namespace felhom::testing;

TEST_CASE("config check reads the files that the configuration names")
{
    auto agent = program{};
    CHECK(agent.run("config check").status == 0);
    agent.settings.erase("FELHOM_AGENT_PROXMOX_TOKEN_SECRET");
    agent.settings["FELHOM_AGENT_PROXMOX_TOKEN_FILE"] = agent.files.path() + "/none";
    CHECK(has(agent.run("config check").out, "/none does not exist"));
    agent.settings["FELHOM_AGENT_PROXMOX_TOKEN_FILE"] =
        agent.files.write("token", sim::demo_tokens::agent_secret, 0644);
    const auto open_token = agent.run("config check");
    CHECK(open_token.status == 78);
    CHECK(has(open_token.out, "chmod 600"));
}

TEST_CASE("config check reads secrets as the commands do, and names the file that holds none")
{
    auto agent = program{};
    agent.settings.erase("FELHOM_AGENT_PROXMOX_TOKEN_SECRET");
    agent.settings["FELHOM_AGENT_PROXMOX_TOKEN_FILE"] = agent.files.write("token", "junk", 0600);
    agent.settings["FELHOM_AGENT_HUB_URL"] = "https://hub.example";
    agent.settings["FELHOM_AGENT_HUB_HOST_ID"] = "host-0001";
    agent.settings["FELHOM_AGENT_HUB_API_KEY_FILE"] = agent.files.write("key", "two words", 0600);
    const auto said = agent.run("config check");
    CHECK(said.status == 78);
    CHECK(has(said.out, "/token: '(not shown)' is not an API token secret"));
    CHECK(has(said.out, "/key: "));
}

TEST_CASE("config check reads the desired state as plan would")
{
    auto agent = program{};
    agent.desire(R"({"vmid":101,"config":{"features":"nesting=2"}})");
    const auto said = agent.run("--json config check");
    CHECK(said.status == 78);
    const auto document = boost::json::parse(said.out);
    CHECK_FALSE(document.at("ok").as_bool());
    CHECK(document.at("errors").at(0).at("error").as_string() == "bad_file");
    CHECK(has(std::string{document.at("errors").at(0).at("detail").as_string()}, "$.guests[0].config.features"));
}

TEST_CASE("a state directory that others can enter is refused with the command that mends it")
{
    auto agent = program{};
    const auto state = agent.files.path() + "/state";
    std::filesystem::create_directory(state);
    std::filesystem::permissions(state, std::filesystem::perms{0755});
    const auto said = agent.run("config check");
    CHECK(said.status == 78);
    CHECK(has(said.out, "chmod 700"));
    const auto applied = agent.run("apply");
    CHECK(applied.status == 78);
    CHECK(has(applied.err, "chmod 700"));
    std::filesystem::permissions(state, std::filesystem::perms{0700});
    CHECK(agent.run("apply").status == 0);
}

TEST_CASE("a file of authorities that is missing, open to others or no certificate exits 78")
{
    auto agent = program{};
    agent.settings.erase("FELHOM_AGENT_PROXMOX_FINGERPRINT");
    const auto good = agent.server.certificate_pem();
    agent.settings["FELHOM_AGENT_PROXMOX_CA_FILE"] = agent.files.path() + "/none.pem";
    CHECK(agent.run("plan").status == 78);
    agent.settings["FELHOM_AGENT_PROXMOX_CA_FILE"] = agent.files.write("open.pem", good, 0666);
    const auto open_file = agent.run("plan");
    CHECK(open_file.status == 78);
    CHECK(has(open_file.err, "chmod go-w"));
    agent.settings["FELHOM_AGENT_PROXMOX_CA_FILE"] = agent.files.write("rubbish.pem", "not a certificate", 0644);
    const auto rubbish = agent.run("plan");
    CHECK(rubbish.status == 78);
    CHECK(has(rubbish.err, "one certificate or more in PEM"));
    CHECK(agent.server.counters().connections == 0);
    agent.settings["FELHOM_AGENT_PROXMOX_CA_FILE"] = agent.files.write("good.pem", good, 0644);
    CHECK(agent.run("plan").status == 0);
}

TEST_CASE("what is wrong in the environment is not laid at the file's door")
{
    auto agent = program{};
    agent.settings["FELHOM_AGENT_PROXMOX_TIMEOUT_SECONDS"] = "0";
    agent.settings["FELHOM_AGENT_CONFIG"] = agent.files.write("typo.json", R"({"log":{"level":"loud"}})");
    const auto said = agent.run("plan");
    CHECK(said.status == 78);
    CHECK(has(said.err, "error: proxmox.timeout_seconds (FELHOM_AGENT_PROXMOX_TIMEOUT_SECONDS)"));
    CHECK(has(said.err, "typo.json: log.level (file)"));
}

TEST_CASE("a guest that is only observed is compared, and apply does not change it")
{
    auto agent = program{};
    agent.settings["FELHOM_AGENT_RECONCILE_OBSERVE_GUESTS"] = "[102]";
    agent.desire(R"({"vmid":102,"spec":{"memory":1024}})");
    const auto plan = agent.run("plan");
    CHECK(plan.status == 2);
    CHECK(has(plan.out, "this host only observes the guest (reconcile.observe_guests)"));
    CHECK(agent.run("apply").status == 5);
    agent.server.with_node([](sim::node& node) { CHECK(node.effects.empty()); });
}

TEST_CASE("an explicit apply acts, whatever the mode of unattended running is")
{
    auto agent = program{};
    agent.settings["FELHOM_AGENT_RECONCILE_MODE"] = "observe";
    agent.desire(R"({"vmid":102,"spec":{"memory":1024}})");
    CHECK(agent.run("apply").status == 0);
    agent.server.with_node([](sim::node& node) { CHECK(node.effects_of(102, "config") == 1); });
}

TEST_CASE("config check prints its document also where the configuration could not be read")
{
    auto agent = program{};
    agent.files.write("config.json", R"({"proxmox":{"timeout_seconds":"soon"}})");
    const auto said = agent.run("--json config check");
    CHECK(said.status == 78);
    const auto document = boost::json::parse(said.out);
    CHECK(document.at("schema").as_string() == "felhom-config-check/1");
    CHECK(document.at("ok").as_bool() == false);
    CHECK(has(std::string{document.at("errors").at(0).at("detail").as_string()}, "proxmox.timeout_seconds"));
    CHECK(has(said.err, "proxmox.timeout_seconds"));
}
