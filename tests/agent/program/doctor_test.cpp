// SPDX-License-Identifier: Apache-2.0
#include "hub_agent.hpp"
#include "program.hpp"
#include "signing_agent.hpp"
#include "sim/hub/hub_server.hpp"
#include "support/catch.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <sys/stat.h>

#include <filesystem>
#include <string>

using namespace felhom;
using namespace felhom::testing;

namespace {

auto line_of(const std::string& text, const std::string& start) -> std::string
{
    const auto at = text.find(start);
    return at == std::string::npos ? std::string{} : text.substr(at, text.find('\n', at) - at);
}

/// Its signer may sign nothing else.
void only_stops_are_signed(hub_agent& agent)
{
    agent.settings["FELHOM_AGENT_AUTHZ_SIGNERS"] = boost::json::serialize(
        boost::json::array{boost::json::object{{"authorized_key", operator_key.line()},
                                               {"tag", "operational"},
                                               {"key_id", "op-1"},
                                               {"operations", boost::json::array{"guest.stop"}}}});
}

} // namespace

TEST_CASE("doctor finds a well configured host good, but for what is not its own to see here")
{
    auto agent = program{};
    agent.desire(more_memory);
    const auto found = agent.run("doctor");
    INFO(found.out);
    CHECK(line_of(found.out, "ok    configuration").size() > 20);
    CHECK(has(line_of(found.out, "ok    proxmox"), "answers at https://127.0.0.1"));
    CHECK(has(found.out, "ok    node name     pve1 is a node here\n"));
    CHECK(has(line_of(found.out, "ok    privileges"), "all 2"));
    CHECK(has(line_of(found.out, "ok    journal"), "there is none yet"));
    CHECK(has(line_of(found.out, "note  daemon"), "not running"));
    CHECK(has(line_of(found.out, "ok    hub"), "none is configured"));
}

TEST_CASE("doctor names the grant that the desired state lacks")
{
    auto agent = program{};
    agent.desire(R"({"vmid":105,"spec":{"memory":512}})");
    const auto found = agent.run("doctor");
    INFO(found.out);
    CHECK(found.status == 4);
    CHECK(has(line_of(found.out, "FAIL  privileges"), "/vms/105: VM.Config.Memory (guest 105: memory)"));
    CHECK(has(found.out, "fix: pveum acl modify /vms/105 --tokens "));
}

TEST_CASE("doctor says of nothing that it is held in vain while nothing is desired")
{
    auto agent = program{};
    agent.desire("");
    CHECK_FALSE(has(agent.run("doctor").out, "nothing here needs"));
}

TEST_CASE("doctor counts what the configured signers may sign")
{
    auto agent = signing_agent{};
    agent.desire(more_memory);
    agent.server.with_node([](sim::node& node) {
        for (auto& [name, role] : node.access.roles) {
            role.erase("VM.Allocate");
        }
    });
    const auto found = agent.run("doctor");
    INFO(found.out);
    CHECK(has(found.out, "VM.Allocate (signed guest."));
}

TEST_CASE("doctor names what the token holds in vain")
{
    auto agent = program{};
    agent.desire(more_memory);
    CHECK(has(line_of(agent.run("doctor").out, "note  privileges"), "VM.PowerMgmt"));
}

TEST_CASE("doctor tells a wrong fingerprint, a node that is away and a wrong node name apart, each with a fix")
{
    auto agent = program{};
    agent.settings["FELHOM_AGENT_PROXMOX_NODE"] = "pve7";
    auto found = agent.run("doctor");
    CHECK(found.status == 78);
    CHECK(has(line_of(found.out, "FAIL  node name"), "there is no node 'pve7'"));
    agent.settings["FELHOM_AGENT_PROXMOX_FINGERPRINT"] = std::string(64, 'a');
    found = agent.run("doctor");
    CHECK(found.status == 4);
    CHECK(has(found.out, "fix: compare proxmox.fingerprint"));
    agent.settings["FELHOM_AGENT_PROXMOX_URL"] = "https://127.0.0.1:1";
    found = agent.run("doctor");
    CHECK(found.status == 3);
    CHECK(has(found.out, "fix: see that proxmox.url"));
}

TEST_CASE("doctor finds a damaged journal")
{
    auto agent = program{};
    agent.desire(more_memory);
    REQUIRE(agent.run("apply").status == 0);
    CHECK(has(line_of(agent.run("doctor").out, "ok    journal"), "the hash chain is intact"));
    auto text = agent.files.read("state/journal.log");
    text[text.size() / 2] = text[text.size() / 2] == 'x' ? 'y' : 'x';
    agent.files.write("state/journal.log", text);
    const auto found = agent.run("doctor");
    CHECK(found.status != 0);
    CHECK(has(found.out, "FAIL  journal"));
    CHECK(has(found.out, "journal verify"));
}

TEST_CASE("doctor finds a journal that is gone as run does, and advises no older one in its place")
{
    auto agent = program{};
    agent.desire(more_memory);
    REQUIRE(agent.run("apply").status == 0);
    std::filesystem::remove(agent.files.path() + "/state/journal.log");
    const auto ran = agent.run("run --once");
    const auto found = agent.run("doctor");
    INFO(found.out);
    CHECK(found.status != 0);
    const auto said = line_of(ran.err, "error: ").substr(std::string{"error: "}.size());
    REQUIRE_FALSE(said.empty());
    CHECK(has(line_of(found.out, "FAIL  journal"), said));
    CHECK(
        has(found.out, "fix: put no older or empty file in its place; if it is lost for good, wait until everything"));
    CHECK_FALSE(has(found.out, "backup"));
}

TEST_CASE("doctor finds a journal that others can read, which run refuses")
{
    auto agent = program{};
    agent.desire(more_memory);
    REQUIRE(agent.run("apply").status == 0);
    REQUIRE(::chmod((agent.files.path() + "/state/journal.log").c_str(), 0644) == 0);
    CHECK(has(line_of(agent.run("doctor").out, "FAIL  journal"), "can be read by others"));
}

TEST_CASE("doctor that may not look into the state directory says so, and looks at the rest")
{
    auto agent = program{};
    const auto loop = agent.files.path() + "/loop";
    std::filesystem::create_symlink(loop, loop);
    agent.settings["FELHOM_AGENT_STATE_DIR"] = loop + "/state";
    const auto found = agent.run("doctor");
    INFO(found.out);
    CHECK(found.err.empty());
    CHECK(found.status != 0);
    CHECK(has(line_of(found.out, "-     journal"), "stat failed on " + loop));
    CHECK(has(line_of(found.out, "-     daemon"), loop));
    CHECK(
        has(found.out, "fix: see that it can be looked at: run doctor as root, or as the user that the agent runs as"));
    CHECK(has(line_of(found.out, "ok    hub"), "none is configured"));
}

TEST_CASE("doctor finds a signer whose key cannot be imported")
{
    auto agent = signing_agent{};
    agent.settings["FELHOM_AGENT_AUTHZ_SIGNERS"] =
        R"([{"authorized_key":"ssh-ed25519 AAAAgarbage","tag":"operational","key_id":"op-1"}])";
    const auto found = agent.run("doctor");
    INFO(found.out);
    CHECK(found.status == 78);
    CHECK(has(line_of(found.out, "FAIL  configuration"), "authz.signers[0].authorized_key"));
}

TEST_CASE("doctor finds a signer whose private key is published, and says where")
{
    auto agent = signing_agent{};
    agent.settings["FELHOM_AGENT_AUTHZ_SIGNERS"] =
        R"([{"authorized_key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",)"
        R"("tag":"operational","key_id":"op-1"}])";
    const auto found = agent.run("doctor");
    INFO(found.out);
    CHECK(found.status == 78);
    CHECK(has(line_of(found.out, "FAIL  configuration"), "a key of RFC 8032, section 7"));
}

TEST_CASE("doctor finds that a token may not see what the hub is told, though nothing is desired")
{
    auto agent = hub_agent{};
    agent.want(7, "");
    only_stops_are_signed(agent);
    agent.settings["FELHOM_AGENT_PROXMOX_TOKEN_ID"] = sim::demo_tokens::auditor;
    agent.settings["FELHOM_AGENT_PROXMOX_TOKEN_SECRET"] = sim::demo_tokens::auditor_secret;
    const auto found = agent.run("doctor");
    INFO(found.out);
    CHECK(found.status == 4);
    CHECK(has(found.out, "lacks on /storage/local: Datastore.AllocateSpace (backups in the host report)"));
    CHECK(has(found.out, "VM.Backup (backups in the host report)"));
}

TEST_CASE("doctor advises to take away nothing that the hub is told with or may ask for")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"run_state":"running"})");
    only_stops_are_signed(agent);
    REQUIRE(agent.run("run --once").status == 0);
    const auto found = agent.run("doctor");
    INFO(found.out);
    CHECK_FALSE(line_of(found.out, "ok    privileges").empty());
    const auto advice = line_of(found.out, "note  privileges");
    for (const auto* const used : {"Datastore.Allocate ", "Datastore.AllocateSpace", "VM.Audit", "VM.Backup",
                                   "VM.PowerMgmt", "VM.Config.Memory", "VM.Config.Options"}) {
        CHECK_FALSE(has(advice, used));
    }
    CHECK(has(advice, "VM.Config.CPU"));
}

TEST_CASE("doctor finds that the hub does not know this host's key, and prints no key")
{
    auto agent = signing_agent{};
    auto known = sim::hub_store{};
    known.hosts[this_host.text()] = {.api_key = "k-right-0123456789"};
    const auto hub = sim::hub_server{std::move(known)};
    agent.settings["FELHOM_AGENT_HUB_URL"] = hub.url();
    agent.settings["FELHOM_AGENT_HUB_CA_FILE"] = agent.files.write("hub.pem", hub.certificate_pem());
    agent.settings["FELHOM_AGENT_HUB_API_KEY"] = "k-right-0123456789";
    const auto known_here = agent.run("doctor");
    INFO(known_here.out);
    CHECK(has(line_of(known_here.out, "ok    hub"), "no desired state for it"));
    agent.settings["FELHOM_AGENT_HUB_API_KEY"] = "k-wrong-0123456789";
    const auto found = agent.run("doctor");
    CHECK(has(line_of(found.out, "FAIL  hub"), "it refuses this host, 401"));
    CHECK_FALSE(has(found.out + found.err, "k-wrong-0123456789"));
}

TEST_CASE("doctor looks at nothing else where the configuration cannot be read")
{
    auto agent = program{};
    agent.files.write("config.json", "{");
    const auto found = agent.run("--json doctor");
    CHECK(found.status == 78);
    const auto document = boost::json::parse(found.out);
    CHECK(document.at("schema").as_string() == "felhom-doctor/1");
    CHECK(document.at("well").as_bool() == false);
    CHECK(document.at("findings").as_array().size() == 1);
}
