#include "program.hpp"
#include "running_agent.hpp"
#include "signing_agent.hpp"
#include "sim/hub_server.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <string>

using namespace felhom;
using namespace felhom::testing;

namespace {

auto line_of(const std::string& text, const std::string& start) -> std::string
{
    const auto at = text.find(start);
    return at == std::string::npos ? std::string{} : text.substr(at, text.find('\n', at) - at);
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
    CHECK(has(line_of(agent.run("doctor").out, "ok    journal"), "the chain holds"));
    auto text = agent.files.read("state/journal.log");
    text[text.size() / 2] = text[text.size() / 2] == 'x' ? 'y' : 'x';
    agent.files.write("state/journal.log", text);
    const auto found = agent.run("doctor");
    CHECK(found.status != 0);
    CHECK(has(found.out, "FAIL  journal"));
    CHECK(has(found.out, "journal verify"));
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
    CHECK(has(line_of(known_here.out, "ok    hub"), "knows this host"));
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
