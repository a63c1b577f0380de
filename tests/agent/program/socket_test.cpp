// SPDX-License-Identifier: Apache-2.0
#include "io/serve/local_client.hpp"
#include "output_verdict.hpp"
#include "running_agent.hpp"
#include "signing_agent.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <string>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

auto status_of(const program& agent) -> boost::json::value
{
    return boost::json::parse(agent.run("--json status").out);
}

/// Waits for the end of the daemon's first pass.
auto has_passed(const program& agent) -> bool
{
    return comes_true([&] {
        const auto answer = agent.run("--json status");
        return answer.status == 0 && !boost::json::parse(answer.out).at("passes").at("last").is_null();
    });
}

/// An agent that only looks, so that whatever changes was handed to it.
class looking_agent : public signing_agent {
public:
    looking_agent() { settings["FELHOM_AGENT_RECONCILE_MODE"] = "observe"; }
};

} // namespace

TEST_CASE("without a running agent, status says where it would answer")
{
    const auto agent = program{};
    const auto asked = agent.run("status");
    CHECK(asked.status == 8);
    CHECK(has(asked.err, agent.files.path() + "/state/agent.sock"));
}

TEST_CASE("status answers while the configuration is wrong, and at a socket that is named")
{
    auto agent = looking_agent{};
    const auto running = running_agent{agent};
    REQUIRE(has_passed(agent));
    const auto socket = agent.files.path() + "/state/agent.sock";
    agent.files.write("config.json", R"({"reconcile":{"moed":"observe"}})");
    const auto asked = agent.run("status");
    INFO(asked.err);
    CHECK(asked.status == 0);
    CHECK(has(asked.err, "reconcile.mode"));
    CHECK(has(asked.out, "health      healthy\n"));
    agent.settings.erase("FELHOM_AGENT_STATE_DIR");
    CHECK(agent.run("status --socket " + socket).status == 0);
    CHECK(agent.run("status --socket " + socket + "x").status == 8);
}

TEST_CASE("status exits 1 where the agent is unhealthy")
{
    auto agent = looking_agent{};
    agent.server.stop();
    const auto running = running_agent{agent};
    CHECK(comes_true([&] { return agent.run("status").status == 1; }));
    CHECK(has(agent.run("status").out, "health      unhealthy: "));
}

TEST_CASE("a new configuration that was refused shows in the status until one is taken")
{
    auto agent = looking_agent{};
    const auto running = running_agent{agent};
    REQUIRE(has_passed(agent));
    CHECK(status_of(agent).at("reload_refused").is_null());
    agent.files.write("config.json", R"({"reconcile":{"moed":"observe"}})");
    running.tell(SIGHUP);
    CHECK(comes_true(
        [&] { return has(agent.run("status").out, "reload      the last new configuration was not taken"); }));
    agent.files.write("config.json", "{}");
    running.tell(SIGHUP);
    CHECK(comes_true([&] { return !has(agent.run("status").out, "reload "); }));
}

TEST_CASE("a veto shows in the status, with its file")
{
    auto agent = looking_agent{};
    agent.settings["FELHOM_AGENT_AUTHZ_VETO_FILE"] = agent.files.write("veto", "not today\n");
    const auto running = running_agent{agent};
    REQUIRE(has_passed(agent));
    CHECK(status_of(agent).at("veto").as_string() == "not today");
    CHECK(has(agent.run("status").out,
              "veto        nothing destructive is done while " + agent.files.path() + "/veto is there: not today\n"));
}

TEST_CASE("a running agent says how it is doing")
{
    auto agent = looking_agent{};
    agent.desire(more_memory);
    const auto running = running_agent{agent};
    REQUIRE(has_passed(agent));
    const auto status = status_of(agent);
    CHECK(status.at("schema").as_string() == "felhom-status/1");
    CHECK(status.at("healthy").as_bool());
    CHECK(status.at("mode").as_string() == "observe");
    CHECK(status.at("passes").at("drift").at("held").to_number<int>() == 1);
    CHECK(status.at("hub").is_null());
    CHECK(verdict(agent, "status", "status") == "");
    const auto text = agent.run("status");
    CHECK(text.status == 0);
    CHECK(has(text.out, "health      healthy\n"));
    CHECK(has(text.out, "  102 (db)  held: "));
}

TEST_CASE("apply is handed to the agent that holds the journal, and says what it would have said itself")
{
    auto agent = looking_agent{};
    agent.desire(more_memory);
    const auto running = running_agent{agent};
    REQUIRE(has_passed(agent));
    const auto applied = agent.run("apply");
    INFO(applied.err);
    CHECK(applied.status == 0);
    CHECK(has(applied.out, "memory"));
    CHECK(effects(agent, 102, "config") == 1);
    CHECK(comes_true([&] { return has(running.log(), "a command was handed over"); }));
    CHECK(boost::json::parse(agent.run("--json apply").out).at("schema").is_string());
}

TEST_CASE("a signed operation that is submitted beside a running agent is carried out once")
{
    auto agent = looking_agent{};
    const auto bundle = agent.bundle();
    const auto running = running_agent{agent};
    REQUIRE(has_passed(agent));
    const auto first = agent.run("submit " + bundle);
    INFO(first.err << first.out);
    CHECK(first.status == 0);
    CHECK(has(first.out, "succeeded"));
    CHECK(agent.run("submit " + bundle).status == 0);
    CHECK(agent.destroyed() == 1);
}

TEST_CASE("run --once and ops release are handed over too, with their own exit status")
{
    auto agent = looking_agent{};
    const auto running = running_agent{agent};
    REQUIRE(has_passed(agent));
    CHECK(agent.run("run --once").status == 0);
    const auto released = agent.run("ops release 102");
    CHECK(released.status == 1);
    CHECK(has(released.err, "guest 102 is not parked"));
}

TEST_CASE("the pause of a running agent shows in its status, and holds what is handed to it")
{
    auto agent = looking_agent{};
    agent.desire(more_memory);
    const auto running = running_agent{agent};
    REQUIRE(has_passed(agent));
    REQUIRE(agent.run("pause --reason 'moving house'").status == 0);
    const auto paused = std::string{status_of(agent).at("paused").as_string()};
    CHECK(paused.starts_with("moving house, by "));
    CHECK(agent.run("pause").status == 0); // a second one without a reason takes the first one's away no more
    CHECK(std::string{status_of(agent).at("paused").as_string()} == paused);
    CHECK(agent.run("apply").status != 0);
    CHECK(effects(agent, 102, "config") == 0);
}

TEST_CASE("the socket is its owner's alone")
{
    auto agent = looking_agent{};
    const auto running = running_agent{agent};
    REQUIRE(has_passed(agent));
    struct ::stat seen = {};
    REQUIRE(::stat((agent.files.path() + "/state/agent.sock").c_str(), &seen) == 0);
    CHECK((seen.st_mode & 07777U) == 0600U);
    CHECK(S_ISSOCK(seen.st_mode));
}

TEST_CASE("the socket that a killed agent left behind is taken over by the next one")
{
    auto agent = looking_agent{};
    {
        const auto killed = running_agent{agent};
        REQUIRE(has_passed(agent));
    }
    REQUIRE(std::filesystem::exists(agent.files.path() + "/state/agent.sock"));
    CHECK(agent.run("status").status == 8);
    const auto running = running_agent{agent};
    CHECK(has_passed(agent));
}

TEST_CASE("an agent that ends takes its socket with it")
{
    auto agent = looking_agent{};
    auto running = running_agent{agent};
    REQUIRE(has_passed(agent));
    CHECK(running.end_by(SIGTERM).first == 0);
    CHECK_FALSE(std::filesystem::exists(agent.files.path() + "/state/agent.sock"));
}

TEST_CASE("metrics and health are served on a loopback address where that is configured")
{
    auto agent = looking_agent{};
    agent.settings["FELHOM_AGENT_METRICS_LISTEN"] = "127.0.0.1:0";
    const auto running = running_agent{agent};
    REQUIRE(has_passed(agent));
    const auto log = running.log();
    const auto at = log.find("serving metrics");
    REQUIRE(at != std::string::npos);
    const auto port = log.substr(log.find("port=", at) + 5, 5);
    const auto address = loopback_address::parse("127.0.0.1:" + port.substr(0, port.find_first_not_of("0123456789")));
    REQUIRE(address.has_value());
    const auto get = [&](const std::string& page) { return io::ask_loopback(*address, page, 10s).value(); };
    CHECK(has(get("/metrics").body, "felhom_agent_healthy 1\n"));
    CHECK(get("/healthz").status == 200);
    CHECK(get("/healthz").body == "ok\n");
    CHECK(get("/status").status == 404);
}
