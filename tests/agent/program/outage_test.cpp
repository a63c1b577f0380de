// SPDX-License-Identifier: Apache-2.0
#include "hub_agent.hpp"
#include "support/catch.hpp"

#include <felhom/core/instant.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

using all_effects = std::map<std::pair<sim::guest_id, std::string>, int>;

auto effects_on(program& agent) -> all_effects
{
    auto all = all_effects{};
    agent.server.with_node([&](sim::node& node) { all = node.effects; });
    return all;
}

/// The agent's pause after a failure grows, and here it may have failed more than once.
constexpr auto outage_patience = 90s;

/// Whether the node works on such a task now.
auto is_under_way(program& agent, const std::string& type) -> bool
{
    auto found = false;
    agent.server.with_node([&](sim::node& node) {
        found = std::ranges::any_of(node.tasks, [&](const auto& task) { return task.type == type && !task.ended; });
    });
    return found;
}

auto made_at(const sim::hub_report& report) -> instant
{
    const auto said = boost::json::parse(report.body);
    return *parse_instant(said.at("created_at").as_string());
}

/// How many of the reports that the hub has were made after the first time and before the second.
auto made_between(hub_agent& agent, instant from, instant until) -> std::ptrdiff_t
{
    const auto reports = agent.host().reports;
    return std::ranges::count_if(reports, [&](const auto& report) {
        const auto made = made_at(report);
        return from <= made && made < until;
    });
}

/// A moment at which the agent is killed.
struct moment {
    std::string name;
    std::function<void()> before; ///< what happens while no agent runs
    std::function<bool()> has_come;
};

} // namespace

TEST_CASE("a hub that is away from the start keeps nothing from being done, and has the first report when it comes")
{
    auto agent = hub_agent{};
    agent.desire(listed({desired_guest{102}.memory(1024)}));
    agent.hub.stop();
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 1; }));
    CHECK(comes_true([&] { return has(running.log(), "the report was not taken"); }));
    const auto back = wall_clock();
    agent.hub.start();
    CHECK(comes_true([&] { return made_between(agent, instant{}, back) >= 1; }, outage_patience));
    CHECK(comes_true([&] { return has(running.log(), "the hub is back"); }));
    CHECK(effects(agent, 102, "config") == 1);
    CHECK(running.end_by(SIGTERM).first == 0);
}

TEST_CASE("reports that wait for the hub are delivered after the configuration was read anew")
{
    auto agent = hub_agent{};
    agent.hub.stop();
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return has(running.log(), "the report was not taken"); }));
    const auto read_anew = wall_clock();
    running.tell(SIGHUP);
    CHECK(comes_true([&] { return has(running.log(), "reading the configuration anew"); }));
    agent.hub.start();
    CHECK(comes_true([&] { return made_between(agent, instant{}, read_anew) >= 1; }, outage_patience));
    CHECK(running.end_by(SIGTERM).first == 0);
}

TEST_CASE("a node that is away at the start is reported soon after it is back")
{
    auto agent = hub_agent{};
    agent.server.stop();
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return has(running.log(), "msg=\"report failed\""); }));
    agent.server.start();
    CHECK(comes_true([&] { return agent.host().counters.reports >= 1; })); // an interval is a minute
    CHECK(running.end_by(SIGTERM).first == 0);
}

TEST_CASE("no report is made of a node that is away, which is worked on again once it is back")
{
    auto agent = hub_agent{};
    agent.desire(listed({desired_guest{102}.memory(1024)}));
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 1; }));
    // The report after the first pass: not in mid-operation, and none is due for a minute.
    REQUIRE(comes_true([&] { return !agent.host().reports.empty() && agent.last_report().at("drift").is_object(); }));
    const auto before = agent.host().counters.reports;
    agent.server.stop();
    agent.server.with_node([](sim::node& node) { node.guests.at(102).config.current["memory"] = "512"; });
    running.tell(SIGHUP); // it would report at once
    CHECK(comes_true([&] { return has(running.log(), "msg=\"report failed\""); }));
    CHECK(comes_true([&] { return has(running.log(), "msg=\"pass failed\""); }));
    CHECK(agent.host().counters.reports == before);
    agent.server.start();
    CHECK(comes_true([&] { return effects(agent, 102, "config") == 2; }));
    running.tell(SIGHUP);
    CHECK(comes_true([&] { return agent.host().counters.reports > before; }));
    CHECK(effects_on(agent) == all_effects{{{102, "config"}, 2}});
    CHECK(running.end_by(SIGTERM).first == 0);
}

TEST_CASE("after an outage of hub and node everything is delivered, and nothing is done twice")
{
    auto agent = hub_agent{};
    agent.want(7, listed({desired_guest{102}.memory(1024)}));
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return has(running.log(), "msg=pass generation=7"); }));

    const auto both_left = wall_clock();
    agent.hub.stop();
    agent.server.stop();
    agent.server.with_node([](sim::node& node) { node.guests.at(102).config.current["memory"] = "512"; });
    agent.want(8, listed({desired_guest{102}.memory(1024), desired_guest{103}.running()}));
    CHECK(comes_true([&] { return has(running.log(), "msg=\"pass failed\""); }));

    agent.server.start();
    agent.drop(); // what the hub is about to offer, too, comes by hand first
    agent.offer(agent.files.read("destroy.bundle"));
    CHECK(comes_true([&] { return agent.destroyed() == 1 && effects(agent, 102, "config") == 2; }));
    running.tell(SIGHUP); // a report is made at once, now that the node is back
    CHECK(comes_true([&] {
        const auto log = running.log();
        const auto anew = log.find("reading the configuration anew");
        return anew != std::string::npos && has(log.substr(anew), "the report was not taken");
    }));
    CHECK(agent.host().results.empty());

    const auto hub_back = wall_clock();
    agent.hub.start();
    CHECK(comes_true([&] { return agent.host().results.size() == 1; }, outage_patience));
    CHECK(comes_true([&] { return effects(agent, 103, "start") == 1; }));
    CHECK(comes_true([&] { return made_between(agent, both_left, hub_back) >= 1; }, outage_patience));
    CHECK(agent.host().results.begin()->second.at("state").as_string() == "succeeded");
    CHECK(agent.host().operations.empty());
    CHECK(running.end_by(SIGTERM).first == 0);
    CHECK(effects_on(agent) == all_effects{{{102, "config"}, 2}, {{103, "start"}, 1}, {{110, "destroy"}, 1}});
}

TEST_CASE("killed at any moment and started again, an agent loses nothing and does nothing twice")
{
    auto agent = hub_agent{};
    agent.settings["FELHOM_AGENT_RECONCILE_SETTLE_SECONDS"] = "5";
    agent.server.with_node([](sim::node& node) {
        node.settings.takes.start = 2s;
        node.settings.takes.destroy = 1s;
    });
    // What is killed between its record and its call ends as unknown: tests/agent/kill holds that. Here an operation is
    // killed only once its call has come, so while the agent is paused no operation begins.
    const auto pause = [&] { REQUIRE(agent.run("pause").status == 0); };
    const auto resume = [&] { REQUIRE(agent.run("resume").status == 0); };
    const auto nothing = [] {};
    const auto moments = std::vector<moment>{
        {"the hub has the first report",
         [&] {
             pause();
             agent.want(7, listed({desired_guest{102}.memory(1024)}));
         },
         [&] { return agent.host().counters.reports >= 1; }},
        {"the hub has given its desired state", nothing, [&] { return agent.host().counters.desired_reads >= 1; }},
        {"the node is changed", resume, [&] { return effects(agent, 102, "config") == 1; }},
        {"the next generation is kept",
         [&] {
             pause();
             agent.want(8, listed({desired_guest{102}.memory(1024), desired_guest{103}.running()}));
         },
         [&] { return keeps_generation(agent, 8); }},
        {"a guest is starting, or was started", resume,
         [&] { return is_under_way(agent, "vzstart") || effects(agent, 103, "start") == 1; }},
        {"the hub has given its signed operation",
         [&] {
             pause();
             static_cast<void>(agent.bundle());
             agent.offer(agent.files.read("destroy.bundle"));
         },
         [&] { return agent.host().counters.signed_ops_reads >= 1; }},
        {"a guest is being destroyed, or is gone", resume,
         [&] { return is_under_way(agent, "vzdestroy") || agent.destroyed() == 1; }},
        {"the hub has the result, and the agent does not know",
         [&] {
             agent.hub.with_hub([](sim::hub_store& hub) {
                 hub.faults.push_back(
                     {.host = {}, .call = "op-results", .what = sim::hub_fault_kind::drops_after_apply{}});
             });
         },
         [&] { return agent.host().counters.results == 1; }},
    };
    for (const auto& [name, before, has_come] : moments) {
        INFO(name);
        before();
        auto running = running_agent{agent};
        REQUIRE(comes_true(has_come));
        CHECK(running.end_by(SIGKILL).first == -1); // and not by itself before
    }
    const auto reported = agent.host().counters.reports;
    auto running = running_agent{agent};
    CHECK(comes_true([&] { return agent.host().counters.results >= 2; }));
    CHECK(comes_true([&] { return has(running.log(), "msg=pass generation=8"); }));
    CHECK(agent.host().counters.reports > reported);
    CHECK(agent.last_report().at("unknown_operations").as_array().empty());
    CHECK(agent.host().results.size() == 1);
    CHECK(agent.host().results.begin()->second.at("state").as_string() == "succeeded");
    CHECK(agent.host().operations.empty());
    CHECK(running.end_by(SIGTERM).first == 0);
    CHECK(effects_on(agent) == all_effects{{{102, "config"}, 1}, {{103, "start"}, 1}, {{110, "destroy"}, 1}});
    CHECK(agent.run("journal verify").status == 0);
}
