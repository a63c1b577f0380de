// SPDX-License-Identifier: Apache-2.0
#include "io/journal/journal.hpp"
#include "running_agent.hpp"
#include "signing_agent.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <chrono>
#include <filesystem>
#include <string>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

TEST_CASE("a guest that is to be absent is held with the line that signs it, and that is what destroys it, once")
{
    auto agent = signing_agent{};
    agent.desire(R"({"vmid":110,"absent":true})");
    const auto held = agent.run("apply");
    CHECK(held.status == 5);
    CHECK(has(held.out, "felhom-sign guest destroy --host host-a --guest 110 --expect-digest "));
    CHECK(agent.destroyed() == 0);
    const auto bundle = agent.bundle();
    CHECK(agent.run("submit " + bundle).status == 0);
    const auto again = agent.run("--json submit " + bundle);
    CHECK(again.status == 0);
    CHECK(boost::json::parse(again.out).at("state").as_string() == "succeeded");
    CHECK(agent.destroyed() == 1);
    CHECK(agent.run("plan").status == 0);
}

TEST_CASE("a signed operation that the node refuses for want of a privilege exits 4, each time it is brought")
{
    auto agent = signing_agent{};
    agent.break_node({.method = "DELETE",
                      .path = "*/lxc/110*",
                      .what = sim::fault_kind::answers{403, "Permission check failed (/vms/110, VM.Allocate)"},
                      .times = 99});
    const auto bundle = agent.bundle();
    CHECK(agent.run("submit " + bundle).status == 4);
    CHECK(agent.run("submit " + bundle).status == 4);
    CHECK(agent.destroyed() == 0);
}

TEST_CASE("run --once over a desired state that cannot be read exits 78")
{
    auto agent = signing_agent{};
    agent.desire("{");
    CHECK(agent.run("run --once").status == 78);
}

TEST_CASE("a stranger's signature destroys nothing, and the operator's still counts afterwards")
{
    auto agent = signing_agent{};
    const auto refused = agent.run("submit " + agent.bundle(stranger_key));
    CHECK(refused.status == 5);
    CHECK(has(refused.out, "unknown_signer"));
    CHECK(agent.destroyed() == 0);
    CHECK(agent.run("submit " + agent.bundle()).status == 0);
    CHECK(agent.destroyed() == 1);
}

TEST_CASE("without signers nothing that was signed is carried out")
{
    auto agent = signing_agent{};
    agent.settings.erase("FELHOM_AGENT_AUTHZ_SIGNERS");
    CHECK(agent.run("submit " + agent.bundle()).status == 5);
    CHECK(agent.destroyed() == 0);
}

TEST_CASE("while it is paused nothing is begun, signed or not, and afterwards what was signed is")
{
    auto agent = signing_agent{};
    agent.desire(more_memory);
    CHECK(agent.run("pause --reason 'moving house'").status == 0);
    const auto held = agent.run("apply");
    CHECK(held.status == 5);
    CHECK(has(held.out, "held, paused (moving house, by "));
    CHECK(agent.run("submit " + agent.bundle()).status == 6);
    agent.server.with_node([](sim::node& node) { CHECK(node.effects.empty()); });
    CHECK(agent.run("resume").status == 0);
    CHECK(agent.run("resume").status == 0);     // the wish is fulfilled
    CHECK(agent.run("run --once").status == 5); // observing: only what was signed is done
    CHECK(agent.destroyed() == 1);
    CHECK(agent.run("apply").status == 0);
}

TEST_CASE("a bundle in the drop box is carried out by run, and its answer stands in results")
{
    auto agent = signing_agent{};
    CHECK(agent.run("run --once").status == 0);
    const auto box = agent.files.path() + "/state/signed-ops";
    agent.drop();
    CHECK(agent.run("run --once").status == 0);
    CHECK(agent.destroyed() == 1);
    CHECK_FALSE(std::filesystem::exists(box + "/1.bundle"));
    CHECK(std::filesystem::is_empty(box + "/taken"));
    auto results = 0;
    for (const auto& entry : std::filesystem::directory_iterator{box + "/results"}) {
        const auto text = agent.files.read("state/signed-ops/results/" + entry.path().filename().string());
        CHECK(boost::json::parse(text).at("state").as_string() == "succeeded");
        ++results;
    }
    CHECK(results == 1);
}

TEST_CASE("the owner's veto file stops everything destructive, whoever signed it")
{
    auto agent = signing_agent{};
    agent.settings["FELHOM_AGENT_AUTHZ_VETO_FILE"] = agent.files.write("veto", "not this week\n");
    const auto said = agent.run("submit " + agent.bundle());
    CHECK(said.status == 5);
    CHECK(has(said.out, "veto"));
    CHECK(agent.destroyed() == 0);
}

TEST_CASE("run in observe mode says what it would do, and does not")
{
    auto agent = program{};
    agent.desire(more_memory);
    const auto observed = agent.run("run --once");
    CHECK(observed.status == 5);
    CHECK(has(observed.out, "reconcile.mode is observe"));
    agent.server.with_node([](sim::node& node) { CHECK(node.effects.empty()); });
    agent.settings["FELHOM_AGENT_RECONCILE_MODE"] = "enforce";
    CHECK(agent.run("run --once").status == 0);
    agent.server.with_node([](sim::node& node) { CHECK(node.effects_of(102, "config") == 1); });
}

TEST_CASE("operations are listed and shown, and the journal's chain and a noted head are checked")
{
    auto agent = program{};
    agent.desire(more_memory);
    REQUIRE(agent.run("apply").status == 0);
    const auto listed = boost::json::parse(agent.run("--json ops list").out);
    CHECK(listed.at("schema").as_string() == "felhom-ops/1");
    CHECK(listed.at("operations").at(0).at("op").as_string() == "guest.set_config");
    CHECK(listed.at("operations").at(0).at("state").as_string() == "succeeded");
    CHECK(has(agent.run("ops show 1").out, "guest.set_config"));
    CHECK(agent.run("ops show 9").status == 1);
    CHECK(agent.run("ops ack 1").status == 1); // nothing is unknown of it
    CHECK(agent.run("ops release 102").status == 1);

    const auto verified = boost::json::parse(agent.run("--json journal verify").out);
    CHECK(verified.at("ok").as_bool());
    const auto head = std::string{verified.at("head").as_string()};
    CHECK(agent.run("journal verify --head " + head).status == 0);
    CHECK(agent.run("journal verify --head 1:" + std::string(64, 'a')).status == 5);
    CHECK(agent.run("journal verify --head nonsense").status == 64);
    CHECK(has(agent.run("journal list").out, "guest.set_config"));
    CHECK(agent.run("journal show 1").status == 0);
    CHECK(agent.run("journal show 999").status == 1);

    auto bytes = agent.files.read("state/journal.log");
    bytes[bytes.find("guest.set_config")] = 'G';
    agent.files.write("state/journal.log", bytes);
    CHECK(agent.run("journal verify").status != 0);
    CHECK(agent.run("apply").status == 78);
}

TEST_CASE("a journal that is gone is not made anew")
{
    auto agent = program{};
    REQUIRE(agent.run("apply").status == 0);
    std::filesystem::remove(agent.files.path() + "/state/journal.log");
    const auto said = agent.run("apply");
    CHECK(said.status == 78);
    CHECK(has(said.err, "journal.log is gone"));
    CHECK(has(said.err, "remove " + agent.files.path() + "/state/journal.log.used"));
}

TEST_CASE("explain says of each key what is wanted, what there is and what follows")
{
    auto agent = program{};
    agent.desire(more_memory);
    const auto said = agent.run("explain 102");
    CHECK(said.status == 0);
    CHECK(has(said.out, "memory: set"));
    CHECK(has(said.out, "desired   1024"));
    const auto data = boost::json::parse(agent.run("--json explain 102").out);
    CHECK(data.at("schema").as_string() == "felhom-explain/1");
    CHECK(data.at("fields").at(0).at("stored").as_string() == "512");
    CHECK(agent.run("explain 101").status == 0); // nothing is desired of it, which is told
    CHECK(agent.run("explain 7").status == 64);
}

TEST_CASE("a command that is told to change something exits 6 and names the holder while another command works")
{
    auto agent = program{};
    agent.desire(more_memory);
    REQUIRE(agent.run("run --once").status == 5); // which makes the journal, and only observes
    const auto held = io::journal::open_or_create(io::system_disk(), agent.files.path() + "/state/journal.log",
                                                  "felhom-agent, process 4711", {});
    REQUIRE(held.has_value());
    const auto said = agent.run("ops release 103");
    CHECK(said.status == 6);
    CHECK(has(said.err, "felhom-agent, process 4711"));
    CHECK(agent.run("plan").status == 2); // reading is not kept from anybody
}
