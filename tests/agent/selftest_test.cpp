// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/selftest.hpp"
#include "agent/engine/operation_io.hpp"
#include "support/catch.hpp"
#include "support/simulated_agent.hpp"

#include <felhom/operate/procedures/selftest.hpp>
#include <felhom/operate/procedures/selftest_leftovers.hpp>

#include <chrono>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

/// Stopped, and described as its owner likes it.
constexpr auto tried_guest = sim::guest_id{103};

/// What came of a self-test: its steps, and what it left of the guest.
struct tried {
    std::vector<operate::selftest_step> steps;
    std::vector<std::string> changes; ///< "POST .../snapshot"
    std::size_t snapshots;

    /// The names of its steps; that of the first that failed ends in "!".
    [[nodiscard]] auto told() const -> std::vector<std::string>
    {
        auto names = std::vector<std::string>{};
        for (const auto& step : steps) {
            names.push_back(step.what.substr(0, step.what.find(" felhom-selftest-")) + (passed(step) ? "" : "!"));
        }
        return names;
    }
};

using step_names = std::vector<std::string>;

const auto every_step =
    step_names{"write a description", "restore the description", "make the snapshot", "roll back to it", "delete it"};

auto self_tested(simulated_agent& world, sim::guest_id id = tried_guest) -> tried
{
    const auto node = *node_name::parse("pve1");
    const auto guest = *vmid::from_number(id);
    const auto in = world.start();
    auto jobs = std::vector<operate::lane_job>{};
    jobs.push_back({.guest = guest,
                    .kind = operate::job_kind::plain,
                    .work = operate::selftest(guest, proxmox::selftest_snapshot::with_random_name(node, guest, 7),
                                              {.node = node, .facts = {}, .patience = {}})});
    auto ends = in.in_lanes(std::move(jobs));
    REQUIRE(ends.front().has_value());
    auto done = tried{.steps = std::get<std::vector<operate::selftest_step>>(*std::move(ends.front())),
                      .changes = {},
                      .snapshots = world.node().guests.at(id).config.snapshots.size()};
    for (const auto& request : world.node().requests) {
        if (request.method != "GET") {
            done.changes.push_back(request.method + " " + request.target.substr(request.target.rfind('/')));
        }
    }
    return done;
}

auto world_with(std::vector<sim::fault> faults) -> simulated_agent
{
    auto node = sim::demo_world(start_of_simulation);
    node.faults = std::move(faults);
    return simulated_agent{std::move(node)};
}

auto refuses(std::string method, std::string path) -> sim::fault
{
    return {
        .method = std::move(method), .path = std::move(path), .what = sim::fault_kind::answers{400, "no"}, .times = 99};
}

/// What the command prints, once more, by an agent that was started anew.
auto self_tested_again(simulated_agent& world) -> std::string
{
    auto out = std::ostringstream{};
    auto err = std::ostringstream{};
    world.stop();
    const auto rules = operate::operating_rules{.at = {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}},
                                                .user = sim::demo_tokens::agent,
                                                .gate = {.here = *host_id::parse("pve1")}};
    static_cast<void>(agent::run_selftest_task(world.start(), rules, *vmid::from_number(tried_guest),
                                               *proxmox::token_id::parse(sim::demo_tokens::agent), 8,
                                               agent::console{.out = out, .err = err}));
    return std::move(out).str();
}

/// A self-test that was killed after it had made its snapshot.
auto world_with_leftover() -> simulated_agent
{
    auto world = world_with({});
    auto snapshots = 0;
    world.on_recorded = [&](const operate::operation_record& record) {
        const auto* const ended = std::get_if<operate::operation_ended>(&record);
        if (ended != nullptr && ++snapshots == 3) { // two descriptions, and the snapshot
            world.die_at(0, death::killed);
        }
    };
    try {
        static_cast<void>(self_tested(world));
        FAIL("it was to be killed");
    } catch (const agent_died&) {
        world.after_death();
    }
    world.on_recorded = {};
    REQUIRE(world.node().guests.at(tried_guest).config.snapshots.size() == 1);
    return world;
}

constexpr auto deleted_leftover =
    "ok delete the snapshot felhom-selftest-0000000000000007 of guest 103, which an earlier self-test left\n";

auto config_of(simulated_agent& world) -> std::string
{
    return sim::print(world.node().guests.at(tried_guest).config);
}

} // namespace

TEST_CASE("the self-test changes a description and takes it back, makes a snapshot, rolls back to it and deletes it")
{
    auto world = world_with({});
    const auto before = config_of(world);
    const auto done = self_tested(world);
    CHECK(done.told() == every_step);
    CHECK(done.changes
          == std::vector<std::string>{"PUT /config", "PUT /config", "POST /snapshot", "POST /rollback",
                                      "DELETE /felhom-selftest-0000000000000007"});
    CHECK(config_of(world) == before);
}

TEST_CASE("each change of the self-test stands in the journal before it is made, and so does its end")
{
    auto world = world_with({});
    auto announced = std::vector<std::string>{};
    world.on_call = [&](const proxmox::request& call, const operate::ledger& known) {
        if (call.method() != net::http_method::get) {
            const auto in_flight = known.in_flight();
            announced.emplace_back(in_flight.size() == 1 ? name_of(in_flight.front().what) : "nothing");
        }
    };
    static_cast<void>(self_tested(world));
    CHECK(announced
          == std::vector<std::string>{"guest.set_config", "guest.set_config", "guest.snapshot", "guest.rollback",
                                      "guest.delete_snapshot"});
    CHECK(world.journal().read().in_flight().empty());
}

TEST_CASE("a guest that cannot be read, or that runs, is not touched")
{
    auto unreadable = world_with({refuses("GET", "*/lxc/103/status/current")});
    const auto unread = self_tested(unreadable);
    CHECK(unread.told() == step_names{"read the guest!"});
    CHECK(unread.changes.empty());
    auto world = world_with({});
    const auto running = self_tested(world, 102);
    CHECK(running.told() == step_names{"the guest is stopped!"});
    CHECK(running.changes.empty());
}

TEST_CASE("where the first change is refused nothing else is tried")
{
    auto world = world_with({refuses("PUT", "*/lxc/103/config")});
    const auto done = self_tested(world);
    CHECK(done.told() == step_names{"write a description!"});
    CHECK(done.changes.size() == 1);
    CHECK(done.snapshots == 0);
}

TEST_CASE("a snapshot that is refused, or whose task fails, is not rolled back to")
{
    auto refused = world_with({refuses("POST", "*/lxc/103/snapshot")});
    CHECK(self_tested(refused).told()
          == step_names{"write a description", "restore the description", "make the snapshot!"});
    auto failing = world_with({{.method = "POST",
                                .path = "*/lxc/103/snapshot",
                                .what = sim::fault_kind::task{sim::task_fault::fails{"no space"}}}});
    const auto failed = self_tested(failing);
    CHECK(failed.told() == step_names{"write a description", "restore the description", "make the snapshot!"});
    CHECK(failed.changes.back() == "POST /snapshot");
}

TEST_CASE("a snapshot that is there although its answer was lost is not known to be ours, and stays for a person")
{
    auto world =
        world_with({{.method = "POST", .path = "*/lxc/103/snapshot", .what = sim::fault_kind::drops_after_apply{}}});
    const auto done = self_tested(world);
    CHECK(done.told() == step_names{"write a description", "restore the description", "make the snapshot!"});
    CHECK(done.changes.back() == "POST /snapshot");
    const auto* const outcome = std::get_if<operate::action_outcome>(&done.steps.back().result);
    REQUIRE(outcome != nullptr);
    CHECK(std::holds_alternative<reconcile::outcome_unknown>(*outcome));
}

TEST_CASE("a rollback that is refused leaves the snapshot where it is")
{
    auto world = world_with({refuses("POST", "*/rollback")});
    const auto done = self_tested(world);
    CHECK(done.told()
          == step_names{"write a description", "restore the description", "make the snapshot", "roll back to it!"});
    CHECK(done.snapshots == 1);
}

TEST_CASE("a guest that somebody else changes once the snapshot is made is not rolled back, and the snapshot is named")
{
    auto world = world_with({});
    world.on_call = [&](const proxmox::request& call, const operate::ledger&) {
        if (call.target().find("/snapshot") != std::string::npos && call.method() == net::http_method::get) {
            world.node().guests.at(tried_guest).config.current["memory"] = "4096";
        }
    };
    const auto done = self_tested(world);
    CHECK(done.told()
          == step_names{"write a description", "restore the description", "make the snapshot", "roll back to it!"});
    CHECK(done.changes.back() == "POST /snapshot");
    const auto* const refused = std::get_if<operate::step_refused>(&done.steps.back().result);
    REQUIRE(refused != nullptr);
    CHECK(refused->why.find("felhom-selftest-0000000000000007") != std::string::npos);
}

TEST_CASE("a description that cannot be restored is told, so that a person can, and no snapshot is made")
{
    auto world = world_with({});
    world.node().guests.at(tried_guest).config.current["description"] = "keep me";
    auto writes = 0;
    world.on_call = [&](const proxmox::request& call, const operate::ledger&) {
        if (call.method() == net::http_method::put && ++writes == 2) {
            world.node().faults.push_back(refuses("PUT", "*/lxc/103/config"));
        }
    };
    const auto done = self_tested(world);
    CHECK(done.told() == step_names{"write a description", "restore the description (it was: keep me)!"});
    CHECK(done.changes == std::vector<std::string>{"PUT /config", "PUT /config"});
}

TEST_CASE("the longest description that Proxmox VE takes is restored, although it reads back one newline longer")
{
    auto world = world_with({});
    world.node().guests.at(tried_guest).config.current["description"] = std::string(8192, 'd') + "\n";
    const auto before = config_of(world);
    CHECK(self_tested(world).told() == every_step);
    CHECK(config_of(world) == before);
}

TEST_CASE("a description that could not be written back is not overwritten")
{
    for (const auto& by_hand : {std::string(8193, 'd') + "\n", std::string{"two newlines\n\n"}}) {
        auto world = world_with({});
        world.node().guests.at(tried_guest).config.current["description"] = by_hand;
        const auto before = config_of(world);
        const auto done = self_tested(world);
        CHECK(done.told() == step_names{"the description could be restored!"});
        CHECK(done.changes.empty());
        CHECK(config_of(world) == before);
    }
}

TEST_CASE("a description that may be lost is told whole, however long it is")
{
    const auto original = std::string(3000, 'd') + "e";
    for (const auto nth : {1, 2}) {
        auto world = world_with({});
        world.node().guests.at(tried_guest).config.current["description"] = original;
        auto writes = 0;
        world.on_call = [&](const proxmox::request& call, const operate::ledger&) {
            if (call.method() == net::http_method::put && ++writes == nth) {
                world.node().faults.push_back({.method = "PUT",
                                               .path = "*/lxc/103/config",
                                               .what = sim::fault_kind::drops_before_apply{},
                                               .times = 99});
            }
        };
        const auto done = self_tested(world);
        CHECK_FALSE(passed(done.steps.back()));
        CHECK(done.steps.back().what.ends_with(" (it was: " + original + ")"));
        CHECK(done.changes.size() == static_cast<std::size_t>(nth));
    }
}

TEST_CASE("a token that is refused is asked about once, and the self-test says once where to look")
{
    auto world = simulated_world{sim::demo_world(start_of_simulation), sim::demo_tokens::agent,
                                 "00000000-0000-4000-8000-000000000000"};
    auto out = std::ostringstream{};
    auto err = std::ostringstream{};
    const auto code = agent::run_selftest_read(world.view(), *node_name::parse("pve1"),
                                               *proxmox::token_id::parse(sim::demo_tokens::agent),
                                               agent::console{.out = out, .err = err});
    CHECK(code == exit_code::denied);
    CHECK(world.node().requests.size() == 1);
    CHECK(out.str().find("!! version: ") == 0);
    CHECK(out.str().find("look at proxmox.token_id") == out.str().rfind("look at proxmox.token_id"));
    CHECK(out.str().find("look at proxmox.token_id") != std::string::npos);
}

TEST_CASE("what a self-test that was killed left is deleted by the next one, which then does its own")
{
    auto world = world_with_leftover();
    const auto said = self_tested_again(world);
    CHECK(said.find(deleted_leftover) != std::string::npos);
    CHECK(said.find("!!") == std::string::npos);
    CHECK(world.node().guests.at(tried_guest).config.snapshots.empty());
    CHECK(operate::selftest_leftovers::of(world.journal().read()).empty());
}

TEST_CASE("a snapshot that is not proven to be ours is not deleted, and the self-test says what to type")
{
    auto world = world_with_leftover();
    world.node().guests.at(tried_guest).config.snapshots.begin()->second["snaptime"] = "1600000000";
    const auto said = self_tested_again(world);
    CHECK(said.find("`pct delsnapshot 103 felhom-selftest-0000000000000007`, then `felhom-agent ops ack 3`")
          != std::string::npos);
    CHECK(world.node().guests.at(tried_guest).config.snapshots.size() == 1);
    CHECK(operate::selftest_leftovers::of(world.journal().read()).size() == 1);
}

TEST_CASE("a leftover that is another one by the time of the call is not deleted")
{
    auto world = world_with_leftover();
    world.on_recorded = [&](const operate::operation_record& record) {
        const auto* const begun = std::get_if<operate::operation_started>(&record);
        if (begun != nullptr && std::holds_alternative<operate::guest_delete_snapshot>(begun->what)) {
            world.node().guests.at(tried_guest).config.snapshots.begin()->second["snaptime"] = "1600000000";
        }
    };
    const auto said = self_tested_again(world);
    CHECK(said.find("not begun: it was not taken while its task ran") != std::string::npos);
    CHECK(world.node().guests.at(tried_guest).config.snapshots.size() == 1);
    CHECK(operate::selftest_leftovers::of(world.journal().read()).size() == 1);
}

TEST_CASE("a leftover that somebody deleted is noted as gone, and not named again")
{
    auto world = world_with_leftover();
    world.node().guests.at(tried_guest).config.snapshots.clear();
    world.node().guests.at(tried_guest).config.current.erase("parent");
    CHECK(self_tested_again(world).find("which an earlier self-test left, is gone\n") != std::string::npos);
    CHECK(operate::selftest_leftovers::of(world.journal().read()).empty());
    CHECK(self_tested_again(world).find("left") == std::string::npos);
}

TEST_CASE("where a volume takes no snapshots nothing is written, and its storage is named")
{
    auto world = world_with({});
    world.node().guests.at(tried_guest).config.current["mp0"] = "local:103/vm-103-disk-1.raw,mp=/data,size=1G";
    const auto before = config_of(world);
    const auto done = self_tested(world);
    CHECK(done.told() == step_names{"the guest's volumes take snapshots!"});
    CHECK(
        std::get<operate::step_refused>(done.steps.front().result).why
        == "Proxmox VE says that they do not: mp0 on local (dir); nothing was changed; name a guest whose volumes do");
    CHECK(done.changes.empty());
    CHECK(config_of(world) == before);
}
