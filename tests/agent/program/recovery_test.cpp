// SPDX-License-Identifier: Apache-2.0
#include "hub_agent.hpp"
#include "running_agent.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <string>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

// A limit on the size of files does as a full disk does: the journal of an agent is made of 4 MiB, and every write
// beyond the limit fails (setrlimit(2), RLIMIT_FSIZE; by default SIGXFSZ ends the process).
constexpr auto too_little = ::rlim_t{1} << 20U;

auto enforcing(program& agent)
{
    agent.settings["FELHOM_AGENT_RECONCILE_MODE"] = "enforce";
    agent.settings["FELHOM_AGENT_RECONCILE_INTERVAL_SECONDS"] = "5";
    agent.desire(more_memory);
}

auto status_of(const installation& agent) -> boost::json::value
{
    const auto answer = agent.run("--json status");
    return answer.out.empty() ? boost::json::value{} : boost::json::parse(answer.out);
}

auto is_healthy(const installation& agent) -> bool
{
    const auto status = status_of(agent);
    return status.is_object() && status.at("healthy").as_bool();
}

auto unhealthy_reason(const installation& agent) -> std::string
{
    const auto status = status_of(agent);
    const auto has_one = status.is_object() && status.at("illness").is_string();
    return has_one ? std::string{status.at("illness").as_string()} : std::string{};
}

/// The last line of a shell that runs the agent under a limit, with the status.
auto run_limited(const installation& agent, const std::string& limit, const std::string& arguments) -> std::string
{
    // What whoever started the test left open would take of the limit.
    auto line = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; ulimit " + limit + "; exec env -i";
    for (const auto& [name, value] : agent.settings) {
        line += " '" + name + "=" + value + "'";
    }
    const auto script = agent.files.write("limited.sh", line + " " FELHOM_AGENT " " + arguments + "\n");
    const auto whole = "bash " + script + " >/dev/null 2>&1; echo $? >" + agent.files.path() + "/code";
    REQUIRE(std::system(whole.c_str()) == 0); // NOLINT(cert-env33-c): a test of a command line
    return agent.files.read("code");
}

} // namespace

TEST_CASE(
    "a disk that is full at the start does not end the daemon: it says that it is ill, and works once there is room")
{
    auto agent = program{};
    enforcing(agent);
    auto running = running_agent{agent, {.largest_file = too_little}};
    CHECK(comes_true([&] { return has(unhealthy_reason(agent), "File too large"); }));
    CHECK(status_of(agent).at("mode").as_string() == "only_report");
    CHECK(has(running.log(), "no journal: changes are disabled until it can be opened"));
    CHECK(effects(agent, 102, "config") == 0);
    running.limit_files(RLIM_INFINITY);
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 1; }));
    CHECK(comes_true([&] { return is_healthy(agent); }));
    CHECK(running.end_by(SIGTERM).first == 0);
}

TEST_CASE("with a hub, too, a disk that is full at the start is waited for, and the hub hears of it")
{
    auto agent = hub_agent{};
    agent.want(7, R"({"vmid":102,"spec":{"memory":1024}})");
    auto running = running_agent{agent, {.largest_file = too_little}};
    REQUIRE(comes_true([&] { return !agent.host().reports.empty(); }));
    CHECK(has(std::string{agent.last_report().at("sources").at("audit_tail").at("error").at("detail").as_string()},
              "File too large"));
    running.limit_files(RLIM_INFINITY);
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 1; }));
    CHECK(comes_true([&] { return agent.last_report().at("sources").at("audit_tail").at("error").is_null(); }));
    CHECK(running.end_by(SIGTERM).first == 0);
}

TEST_CASE("a journal that cannot be written any more makes the daemon ill at once, and it goes on by itself later")
{
    auto agent = program{};
    enforcing(agent);
    auto changes = 0;
    for (; changes < 8; ++changes) { // so that the journal, and nothing else, is longer than the limit below
        agent.desire(R"({"vmid":102,"spec":{"memory":)" + std::to_string(600 + changes) + "}}");
        REQUIRE(agent.run("apply").status == 0);
    }
    agent.settings["FELHOM_AGENT_LOG_LEVEL"] = "error";
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return is_healthy(agent); }));
    running.limit_files(2500);
    agent.desire(R"({"vmid":102,"spec":{"memory":2048}})");
    CHECK(comes_true([&] { return has(unhealthy_reason(agent), "File too large"); }));
    CHECK(has(running.log(), "the journal cannot be written"));
    CHECK(effects(agent, 102, "config") == changes);
    running.limit_files(RLIM_INFINITY);
    CHECK(comes_true([&] { return effects(agent, 102, "config") == changes + 1; }));
    CHECK(comes_true([&] { return is_healthy(agent); }));
    CHECK(running.end_by(SIGTERM).first == 0);
    CHECK(agent.run("journal verify").status == 0);
}

TEST_CASE("what passes by itself is not called the configuration: a full disk, and no free file descriptor")
{
    auto agent = program{};
    enforcing(agent);
    CHECK(run_limited(agent, "-f 100", "run --once") == "1\n");
    CHECK(run_limited(agent, "-n 4", "run") == "1\n");
    CHECK(run_limited(agent, "-n 4", "config check") == "1\n");
    CHECK(agent.run("run --once").status == 0);
}
