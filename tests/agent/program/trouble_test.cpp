// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto start_backup_sink = std::string_view{R"({"vmid":103,"run_state":"running"})"};
constexpr auto config_of_102 = "*/lxc/102/config";

auto changes_of(program& agent, sim::guest_id id, const std::string& operation) -> int
{
    auto number = 0;
    agent.server.with_node([&](sim::node& node) { number = node.effects_of(id, operation); });
    return number;
}

} // namespace

TEST_CASE("over HTTPS: an expired token exits 4")
{
    auto agent = program{};
    agent.server.with_node([](sim::node& node) {
        for (auto& token : node.access.tokens) {
            token.expires = node.now() - 1s;
        }
    });
    const auto said = agent.run("plan");
    CHECK(said.status == 4);
    CHECK(has(said.err, "GET /version: Proxmox VE answered 401: Authentication failed!"));
}

TEST_CASE("over HTTPS: a lock that was not had in time is waited for, and the change made once")
{
    auto agent = program{};
    agent.desire(more_memory);
    agent.break_node({.method = "PUT", .path = config_of_102, .what = sim::fault_kind::lock_timeout{}, .times = 2});
    const auto said = agent.run("-v apply");
    CHECK(said.status == 0);
    CHECK(has(said.err, "method=PUT path=/api2/json/nodes/pve1/lxc/102/config status=500"));
    CHECK(changes_of(agent, 102, "config") == 1);
}

TEST_CASE("over HTTPS: a 596 whose work goes on behind it is waited out, and the change not repeated")
{
    auto agent = program{};
    agent.desire(more_memory);
    agent.break_node(
        {.method = "PUT", .path = config_of_102, .what = sim::fault_kind::gateway_timeout{.effect_after = 2500ms}});
    const auto said = agent.run("apply");
    CHECK(said.status == 0);
    CHECK(has(said.out, "as desired; the answer was lost: PUT /nodes/pve1/lxc/102/config: Proxmox VE answered 596"));
    CHECK(changes_of(agent, 102, "config") == 1);
}

TEST_CASE("over HTTPS: a task that vanishes is unknown, and not begun again")
{
    auto agent = program{};
    agent.desire(start_backup_sink);
    agent.break_node(
        {.method = "POST", .path = "*/status/start", .what = sim::fault_kind::task{sim::task_fault::vanishes{}}});
    const auto said = agent.run("apply");
    CHECK(said.status == 7);
    CHECK(has(said.out, "outcome unknown: the task's worker vanished"));
    agent.server.with_node([](sim::node& node) {
        CHECK(std::ranges::count_if(node.requests, [](const auto& r) { return r.method == "POST"; }) == 1);
    });
}

TEST_CASE("a locked guest names the task that works on it")
{
    auto agent = program{};
    agent.desire(R"({"vmid":103,"spec":{"memory":512}})");
    agent.server.with_node([](sim::node& node) {
        node.settings.takes.backup = std::chrono::hours{1}; // it must not end before it is seen
        const auto begun =
            node.handle({.method = "POST",
                         .target = "/api2/json/nodes/pve1/vzdump",
                         .headers = {{"Authorization", "PVEAPIToken=" + std::string{sim::demo_tokens::agent} + "="
                                                           + sim::demo_tokens::agent_secret},
                                     {"Content-Type", "application/x-www-form-urlencoded"}},
                         .body = "vmid=103&storage=local&mode=stop&remove=0"},
                        node.now());
        REQUIRE(begun.status == 200);
        node.guests.at(103).config.current["lock"] = "backup";
    });
    const auto said = agent.run("plan");
    CHECK(has(said.out, "the guest is locked (backup) by UPID:pve1:"));
    CHECK(has(said.out, ":vzdump:103:felhom@pve!agent:"));
}

TEST_CASE("what the node says can neither command the terminal nor break a document")
{
    auto agent = program{};
    agent.desire(R"({"vmid":102,"spec":{"memory":1024}},{"vmid":103,"description":"new"})");
    agent.server.with_node([](sim::node& node) {
        auto& config = node.guests.at(103).config.current;
        config["hostname"] = "a\x1b[2J";
        config["description"] = "b\x1b[2J\xc2\x9b";
    });
    agent.break_node({.method = "GET",
                      .path = "*/lxc/102/pending",
                      .what = sim::fault_kind::answers{400, "c\x1b[2J\xff"},
                      .times = 99});
    const auto said = agent.run("plan");
    CHECK(has(said.out, "  103 a\\x1b[2J "));
    CHECK(has(said.out, "b\\x1b[2J\\xc2\\x9b"));
    CHECK(has(said.out, "answered 400: c\\x1b[2J\\xff"));
    CHECK_FALSE(has(said.out + said.err, "\x1b"));
    CHECK_FALSE(has(said.out + said.err, "\xff"));
    CHECK_NOTHROW(boost::json::parse(agent.run("--json plan").out)); // which refuses what is no UTF-8
    CHECK_NOTHROW(boost::json::parse(agent.run("--json apply").out));
}

TEST_CASE("what stands in the environment cannot break a document either")
{
    auto agent = program{};
    agent.settings["FELHOM_AGENT_DESIRED_PATH"] = "/a\xff\x1b[2J";
    CHECK(agent.run("config show").status == 78); // no path of a file of ours
    agent.settings.erase("FELHOM_AGENT_DESIRED_PATH");
    agent.settings["FELHOM_AGENT_\x1b[2J\xff"] = "x";
    const auto said = agent.run("plan");
    CHECK(said.status == 78);
    CHECK(has(said.err, "FELHOM_AGENT_\\x1b[2J\\xff: no such variable"));
}
