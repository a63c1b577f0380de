// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <string>

using namespace felhom;
using namespace felhom::testing;

TEST_CASE("what is imported from a node is a desired state with which there is nothing to do")
{
    auto agent = program{};
    const auto path = agent.files.path() + "/imported.json";
    const auto imported = agent.run("import --all --out " + path);
    INFO(imported.err);
    CHECK(imported.status == 0);
    CHECK(imported.out.empty());
    agent.settings["FELHOM_AGENT_DESIRED_SOURCE"] = "file";
    agent.settings["FELHOM_AGENT_DESIRED_PATH"] = path;
    const auto said = agent.run("plan");
    INFO(said.out << agent.files.read("imported.json"));
    CHECK(said.status == 0);
    CHECK(has(said.out, "generation 1 (file): no changes to apply, "));
    CHECK_FALSE(has(said.out, "cannot be applied"));
    CHECK_FALSE(has(said.out, "checked;"));
}

TEST_CASE("an import has the guests and keys that were asked for, and their names for people")
{
    auto agent = program{};
    const auto document = boost::json::parse(agent.run("import 102 --keys memory,onboot 101").out);
    REQUIRE(document.at("guests").as_array().size() == 2);
    const auto& guest = document.at("guests").at(1);
    CHECK(guest.at("vmid").as_int64() == 102);
    CHECK(guest.at("name").as_string() == "db");
    CHECK(guest.at("run_state").as_string() == "running");
    CHECK(guest.at("spec") == boost::json::value{{"memory", 512}});
    CHECK(guest.at("config") == boost::json::value{{"onboot", true}});
}

TEST_CASE("an import replaces no file, unless it is told to")
{
    auto agent = program{};
    const auto path = agent.files.write("kept.json", "mine");
    const auto refused = agent.run("import --all --out " + path);
    CHECK(refused.status == 5);
    CHECK(has(refused.err, "--force replaces it"));
    CHECK(agent.files.read("kept.json") == "mine");
    CHECK(agent.run("import --all --force --out " + path).status == 0);
    CHECK(has(agent.files.read("kept.json"), "\"generation\": 1"));
}

TEST_CASE("an import of nothing, of a guest that is not there or of an unknown key says so")
{
    auto agent = program{};
    CHECK(agent.run("import").status == 64);
    CHECK(agent.run("import 102 --all").status == 64);
    CHECK(has(agent.run("import 4711").err, "guest 4711 is no container of this node"));
    const auto key = agent.run("import --all --keys memroy");
    CHECK(key.status == 64);
    CHECK(has(key.err, "unknown configuration key 'memroy'"));
}

TEST_CASE("explain shows a guest that is not desired, with its keys as not managed")
{
    auto agent = program{};
    const auto said = agent.run("explain 102");
    CHECK(said.status == 0);
    CHECK(has(said.out, "nothing is desired of this guest; `felhom-agent import 102`"));
    CHECK(has(said.out, "not managed: arch, "));
}
