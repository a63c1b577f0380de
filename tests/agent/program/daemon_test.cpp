// SPDX-License-Identifier: Apache-2.0
#include "running_agent.hpp"
#include "signing_agent.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <future>
#include <string>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

/// Whether a status tells of the start, with its task.
auto shows_start_of_103(const std::string& status) -> bool
{
    return has(status, "guest.start of guest 103") && has(status, ", task UPID:");
}

} // namespace

TEST_CASE("the daemon enforces what is desired, again after every drift, and ends cleanly when it is asked")
{
    auto agent = program{};
    agent.desire(more_memory);
    agent.settings["FELHOM_AGENT_RECONCILE_MODE"] = "enforce";
    agent.settings["FELHOM_AGENT_RECONCILE_INTERVAL_SECONDS"] = "5";
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 1; }));
    agent.desire(R"({"vmid":102,"spec":{"memory":2048}})"); // in the same file
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 2; }));
    const auto [status, took] = running.end_by(SIGTERM);
    CHECK(status == 0);
    CHECK(took < 5s);
    CHECK(has(running.log(), "msg=running"));
    CHECK(has(running.log(), "msg=\"ended, as asked\""));
}

TEST_CASE("told to end in the middle of a task, the daemon ends, and the next one takes the task up")
{
    auto agent = program{};
    agent.desire(R"({"vmid":103,"run_state":"running"})");
    agent.settings["FELHOM_AGENT_RECONCILE_MODE"] = "enforce";
    agent.server.with_node([](sim::node& node) { node.settings.takes.start = 6s; });
    auto running = running_agent{agent};
    CHECK(comes_true([&] {
        auto begun = false;
        agent.server.with_node([&](sim::node& node) { begun = !node.tasks.empty() && !node.tasks.back().ended; });
        return begun;
    }));
    const auto [status, took] = running.end_by(SIGTERM);
    CHECK(status == 0);
    CHECK(took < 5s);
    CHECK(agent.run("run --once").status == 0);
    CHECK(effects(agent, 103, "start") == 1);
}

TEST_CASE("a task that hangs keeps no other guest, no dropped bundle and no command waiting")
{
    auto agent = signing_agent{};
    const auto hanging = std::string{R"({"vmid":103,"run_state":"running"})"};
    agent.desire(hanging);
    agent.settings["FELHOM_AGENT_RECONCILE_MODE"] = "enforce";
    agent.settings["FELHOM_AGENT_RECONCILE_INTERVAL_SECONDS"] = "5";
    agent.server.with_node([](sim::node& node) { node.settings.takes.start = 24h; });
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return shows_start_of_103(agent.run("status").out); }));
    agent.desire(hanging + "," + std::string{more_memory});
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 1; }));
    agent.drop();
    CHECK(comes_true([&] { return agent.destroyed() == 1; }));
    const auto applied = agent.run("apply");
    CHECK(applied.status == 6);
    CHECK(has(applied.out, "guest 103"));
    const auto [status, took] = running.end_by(SIGTERM);
    CHECK(status == 0);
    CHECK(took < 5s);
    CHECK(effects(agent, 102, "config") == 1);
}

TEST_CASE("whoever waits for a command is told what is under way")
{
    auto agent = program{};
    agent.desire(R"({"vmid":103,"run_state":"running"})");
    agent.settings["FELHOM_AGENT_RECONCILE_MODE"] = "observe";
    agent.server.with_node([](sim::node& node) { node.settings.takes.start = 24h; });
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return has(running.log(), "msg=pass"); }));
    auto applying = std::async(std::launch::async, [&] { return agent.run("apply"); });
    CHECK(comes_true([&] { return has(agent.files.read("err"), "guest 103: guest.start (operation 1) begins"); }));
    CHECK(running.end_by(SIGTERM).first == 0);
    CHECK(applying.get().status != 0);
}

TEST_CASE("SIGHUP during a task lets go of it only once it is known, and the new configuration takes it up")
{
    auto agent = program{};
    agent.desire(R"({"vmid":103,"run_state":"running"})");
    agent.settings["FELHOM_AGENT_RECONCILE_MODE"] = "enforce";
    agent.settings["FELHOM_AGENT_RECONCILE_INTERVAL_SECONDS"] = "5";
    agent.server.with_node([](sim::node& node) { node.settings.takes.start = 24h; });
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return shows_start_of_103(agent.run("status").out); }));
    running.tell(SIGHUP);
    CHECK(comes_true([&] { return has(running.log(), "an operation was interrupted when the agent stopped"); }));
    CHECK(comes_true([&] { return shows_start_of_103(agent.run("status").out); }));
    agent.desire(R"({"vmid":103,"run_state":"running"},)" + std::string{more_memory});
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 1; }));
    CHECK(running.end_by(SIGTERM).first == 0);
    CHECK(effects(agent, 103, "start") <= 1);
}

TEST_CASE("SIGHUP reads the configuration anew, and one that is wrong leaves the old one in force")
{
    auto agent = program{};
    agent.desire(more_memory);
    agent.settings["FELHOM_AGENT_RECONCILE_INTERVAL_SECONDS"] = "5";
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return has(running.log(), "msg=pass"); }));
    agent.files.write("config.json", R"({"reconcile":{"mode":"sometimes"}})");
    running.tell(SIGHUP);
    CHECK(comes_true([&] { return has(running.log(), "the new configuration is not taken"); }));
    CHECK(effects(agent, 102, "config") == 0);
    agent.files.write("config.json", R"({"reconcile":{"mode":"enforce"}})");
    running.tell(SIGHUP);
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 1; }));
    CHECK(running.end_by(SIGINT).first == 0);
}

TEST_CASE("after a configuration that was not taken, the agent works on as before")
{
    auto agent = program{};
    agent.desire(more_memory);
    agent.settings["FELHOM_AGENT_RECONCILE_MODE"] = "enforce";
    agent.settings["FELHOM_AGENT_RECONCILE_INTERVAL_SECONDS"] = "5";
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return effects(agent, 102, "config") == 1; }));
    agent.files.write("config.json", R"({"reconcile":{"mode":"sometimes"}})");
    running.tell(SIGHUP);
    REQUIRE(comes_true([&] { return has(running.log(), "the new configuration is not taken"); }));
    agent.desire(R"({"vmid":102,"spec":{"memory":2048}})");
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 2; }));
    CHECK(running.end_by(SIGTERM).first == 0);
}

TEST_CASE("SIGHUP with a state directory that cannot be used leaves the old one in force")
{
    auto agent = program{};
    agent.desire(more_memory);
    agent.settings.erase("FELHOM_AGENT_STATE_DIR");
    const auto configure = [&](const std::string& directory, const std::string& mode) {
        const auto path = agent.files.path() + "/" + directory;
        std::filesystem::create_directories(path);
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        agent.files.write("config.json", R"({"state_dir":")" + path + R"(","reconcile":{"mode":")" + mode
                                             + R"(","interval_seconds":5}})");
    };
    configure("state", "observe");
    auto running = running_agent{agent};
    REQUIRE(comes_true([&] { return has(running.log(), "msg=pass"); }));
    configure("lost", "enforce");
    agent.files.write("lost/journal.log.used", ""); // there was a journal, and it is gone
    running.tell(SIGHUP);
    CHECK(comes_true([&] { return has(running.log(), "the new configuration is not taken"); }));
    CHECK(effects(agent, 102, "config") == 0);
    configure("state", "enforce");
    running.tell(SIGHUP);
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 1; }));
    CHECK(running.end_by(SIGTERM).first == 0);
}

TEST_CASE("with nothing desired and nobody who may sign, the daemon changes nothing")
{
    auto agent = program{};
    agent.settings["FELHOM_AGENT_RECONCILE_MODE"] = "enforce";
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return has(running.log(), "msg=pass"); }));
    CHECK(running.end_by(SIGTERM).first == 0);
    agent.server.with_node([](sim::node& node) { CHECK(node.effects.empty()); });
}

TEST_CASE("the node may be away: the daemon says so and tries again")
{
    auto agent = program{};
    agent.desire(more_memory);
    agent.settings["FELHOM_AGENT_RECONCILE_INTERVAL_SECONDS"] = "5";
    agent.server.stop();
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return has(running.log(), "cannot be reached"); }));
    CHECK(running.end_by(SIGTERM).first == 0);
}

TEST_CASE("a second daemon on the same state exits 6 and names the first")
{
    auto agent = program{};
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return has(running.log(), "msg=running"); }));
    const auto second = agent.run("run");
    CHECK(second.status == 6);
    CHECK(has(second.err, "felhom-agent, process "));
}
