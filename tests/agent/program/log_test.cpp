// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <string>
#include <string_view>

using namespace felhom;
using namespace felhom::testing;

namespace {

auto lines_in(const std::string& text) -> std::ptrdiff_t
{
    return std::count(text.begin(), text.end(), '\n');
}

constexpr auto both_guests =
    std::string_view{R"({"vmid":102,"spec":{"memory":1024}},{"vmid":103,"run_state":"running"})"};

} // namespace

TEST_CASE("changes, the tasks that they begin and what came of them are logged")
{
    auto agent = program{};
    agent.desire(both_guests);
    agent.settings["FELHOM_AGENT_RECONCILE_MODE"] = "enforce";
    const auto said = agent.run("run --once");
    CHECK(has(said.err, "level=info msg=call method=PUT path=/api2/json/nodes/pve1/lxc/102/config status=200 ms="));
    CHECK(has(said.err, "method=POST path=/api2/json/nodes/pve1/lxc/103/status/start status=200"));
    CHECK(has(said.err, "msg=\"task began\" upid=UPID:pve1:"));
    CHECK(has(said.err, "guest=102 op=guest.set_config"));
    CHECK(has(said.err, "guest=103 op=guest.start"));
    CHECK(has(said.err, "msg=\"operation begins\" operation=1 guest="));
    CHECK(has(said.err, "msg=\"operation ended\" operation=1 outcome=succeeded"));
    CHECK(has(said.err, "msg=\"operation ended\" operation=2 outcome=succeeded"));
    CHECK_FALSE(has(said.err, "method=GET"));
}

TEST_CASE("with -v the reads, the waits and the repetitions are logged too")
{
    auto agent = program{};
    agent.desire(both_guests);
    agent.break_node({.method = "GET", .path = "*/lxc/102/pending", .what = sim::fault_kind::answers{500, "odd"}});
    const auto said = agent.run("-v apply");
    CHECK(has(said.err, "level=debug msg=call method=GET path=/api2/json/nodes/pve1/lxc status=200 ms="));
    CHECK(has(said.err, "level=info msg=call method=GET path=/api2/json/nodes/pve1/lxc/102/pending status=500 ms="));
    CHECK(has(said.err, "msg=\"reads repeated\" reads=1"));
    CHECK(has(said.err, "level=debug msg=wait ms="));
    auto calm = program{};
    calm.desire(both_guests);
    CHECK(lines_in(said.err) > lines_in(calm.run("apply").err));
}

TEST_CASE("with -q only errors are logged, and the level can be configured")
{
    auto agent = program{};
    agent.desire(both_guests);
    CHECK(agent.run("-q apply").err.empty());
    auto configured = program{};
    configured.desire(both_guests);
    configured.settings["FELHOM_AGENT_RECONCILE_MODE"] = "enforce";
    configured.settings["FELHOM_AGENT_LOG_LEVEL"] = "error";
    CHECK(configured.run("run --once").err.empty());
}

TEST_CASE("a person's apply tells its progress instead of a log")
{
    auto agent = program{};
    agent.server.with_node([](sim::node& node) { node.settings.takes.start = std::chrono::seconds{2}; });
    agent.desire(both_guests);
    const auto said = agent.run("apply");
    CHECK_FALSE(has(said.err, "level="));
    CHECK(has(said.err, "guest 103: guest.start (operation "));
    CHECK(has(said.err, " ended after "));
}

TEST_CASE("that the server is not checked is said whatever the level")
{
    auto agent = program{};
    agent.settings.erase("FELHOM_AGENT_PROXMOX_FINGERPRINT");
    agent.settings["FELHOM_AGENT_PROXMOX_INSECURE_SKIP_VERIFY"] = "true";
    CHECK(has(agent.run("plan").err, "insecure_skip_verify"));
    CHECK(has(agent.run("-q plan").err, "insecure_skip_verify"));
    agent.settings["FELHOM_AGENT_LOG_LEVEL"] = "error";
    CHECK(has(agent.run("plan").err, "insecure_skip_verify"));
}
