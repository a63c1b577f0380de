// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <string>

using namespace felhom;
using namespace felhom::testing;

namespace {

constexpr auto always = 99;

/// The node does so whenever it is asked for the configuration of guest 102, of which more memory is desired.
void break_pending(program& agent, decltype(sim::fault::what) what)
{
    agent.desire(R"({"vmid":102,"spec":{"memory":1024}})");
    agent.break_node({.method = "GET", .path = "*/lxc/102/pending", .what = std::move(what), .times = always});
}

void check_not_known(decltype(sim::fault::what) what, int status, const std::string& why)
{
    auto agent = program{};
    break_pending(agent, std::move(what));
    for (const auto* const command : {"plan", "apply"}) {
        INFO(command);
        const auto said = agent.run(command);
        CHECK(said.status == status);
        CHECK(said.out.find("no changes") == std::string::npos);
        CHECK(said.out.find(": not known whether there is anything to do; 1 guest could not be read")
              != std::string::npos);
        CHECK(said.out.find("GET /nodes/pve1/lxc/102/pending: ") != std::string::npos);
        CHECK(said.out.find(why) != std::string::npos);
    }
    const auto plan = boost::json::parse(agent.run("--json plan").out);
    CHECK(plan.at("compared").as_int64() == 0);
    CHECK(plan.at("skipped").at(0).at("reason").as_string() == "guest_unreadable");
}

} // namespace

TEST_CASE("a configuration that came as HTML is not known, and exits 1")
{
    check_not_known(sim::fault_kind::garbage{}, 1, "<html>");
}

TEST_CASE("a configuration that may not be read is not known, exits 4, and says what would grant it")
{
    check_not_known(sim::fault_kind::answers{403, "Permission check failed (/vms/102, VM.Audit)"}, 4,
                    "pveum role add ");
}

TEST_CASE("a configuration whose reading broke each time is not known, and exits 3")
{
    check_not_known(sim::fault_kind::drops_before_apply{}, 3, "the connection broke");
}

TEST_CASE("a configuration that a daemon behind the proxy did not tell is not known, and exits 3")
{
    check_not_known(sim::fault_kind::answers{596, "Connection timed out"}, 3, "596");
}

TEST_CASE("a read that fails once is made again")
{
    for (const auto& what : {decltype(sim::fault::what){sim::fault_kind::drops_before_apply{}},
                             decltype(sim::fault::what){sim::fault_kind::answers{595, "Connection refused"}},
                             decltype(sim::fault::what){sim::fault_kind::answers{500, "something odd"}}}) {
        auto agent = program{};
        agent.desire(R"({"vmid":102,"spec":{"memory":1024}})");
        agent.break_node({.method = "GET", .path = "*/lxc/102/pending", .what = what});
        CHECK(agent.run("plan").status == 2);
    }
}

TEST_CASE("changes of other guests do not hide that one could not be read")
{
    auto agent = program{};
    break_pending(agent, sim::fault_kind::garbage{});
    agent.desire(R"({"vmid":102,"spec":{"memory":1024}},{"vmid":103,"run_state":"running"})");
    CHECK(agent.run("plan").status == 1);
}
