// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"
#include "support/catch.hpp"

#include <string>

using namespace felhom;
using namespace felhom::testing;

namespace {

const auto secret_text = std::string{sim::demo_tokens::agent_secret};

auto all_of(const ended& said) -> std::string
{
    return said.out + said.err;
}

} // namespace

TEST_CASE("a token id that was given with its secret is refused without showing it, and says where the secret goes")
{
    auto agent = program{};
    agent.settings["FELHOM_AGENT_PROXMOX_TOKEN_ID"] = "felhom@pve!agent=" + secret_text;
    for (const auto* const command : {"plan", "config check", "config show", "--json config check"}) {
        INFO(command);
        const auto said = agent.run(command);
        CHECK(said.status == 78);
        CHECK(all_of(said).find(secret_text) == std::string::npos);
        CHECK(all_of(said).find("proxmox.token_secret") != std::string::npos);
    }
}

TEST_CASE("the same in the file, and as a value of another type")
{
    auto agent = program{};
    agent.settings.erase("FELHOM_AGENT_PROXMOX_TOKEN_ID");
    for (const auto& value : {"\"felhom@pve!agent=" + secret_text + "\"", "[\"" + secret_text + "\"]"}) {
        agent.settings["FELHOM_AGENT_CONFIG"] =
            agent.files.write("with-secret.json", R"({"proxmox":{"token_id":)" + value + "}}");
        const auto said = agent.run("plan");
        CHECK(said.status == 78);
        CHECK(all_of(said).find(secret_text) == std::string::npos);
    }
}

TEST_CASE("an address with a user and a password is refused without showing them")
{
    auto agent = program{};
    agent.settings["FELHOM_AGENT_PROXMOX_URL"] = "https://root:hunter2@pve1:8006";
    agent.settings["FELHOM_AGENT_HUB_URL"] = "https://root:hunter2@hub.example";
    const auto said = agent.run("plan");
    CHECK(said.status == 78);
    CHECK(all_of(said).find("hunter2") == std::string::npos);
    CHECK(said.err.find("proxmox.url (FELHOM_AGENT_PROXMOX_URL)") != std::string::npos);
    CHECK(said.err.find("hub.url (FELHOM_AGENT_HUB_URL)") != std::string::npos);
}

TEST_CASE("a secret that is none is refused without showing it, from a variable and from a file")
{
    auto agent = program{};
    agent.settings["FELHOM_AGENT_PROXMOX_TOKEN_SECRET"] = "hunter2";
    CHECK(all_of(agent.run("plan")).find("hunter2") == std::string::npos);
    agent.settings.erase("FELHOM_AGENT_PROXMOX_TOKEN_SECRET");
    agent.settings["FELHOM_AGENT_PROXMOX_TOKEN_FILE"] = agent.files.write("token", "hunter2\n");
    const auto said = agent.run("plan");
    CHECK(said.status == 78);
    CHECK(all_of(said).find("hunter2") == std::string::npos);
    CHECK(said.err.find("proxmox.token_file") != std::string::npos);
}

TEST_CASE("no line of the log holds the token's secret, however much is logged")
{
    auto agent = program{};
    agent.desire(R"({"vmid":102,"spec":{"memory":1024}},{"vmid":103,"run_state":"running"})");
    agent.break_node({.method = "PUT", .path = "*/lxc/102/config", .what = sim::fault_kind::lock_timeout{}});
    for (const auto* const command : {"-v plan", "-v apply", "-v selftest", "-v selftest task --vmid 120"}) {
        INFO(command);
        const auto said = agent.run(command);
        CHECK(said.err.find("msg=call") != std::string::npos);
        CHECK(all_of(said).find(secret_text) == std::string::npos);
        CHECK(all_of(said).find("PVEAPIToken") == std::string::npos);
    }
}
