// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/operation_commands.hpp"
#include "agent/commands/reconcile_commands.hpp"
#include "agent/engine/operation_io.hpp"
#include "support/catch.hpp"
#include "support/simulated_agent.hpp"

#include <felhom/operate/operating_rules.hpp>
#include <felhom/operate/procedures/plan_pass.hpp>
#include <felhom/reconcile/desired/desired_json.hpp>
#include <felhom/reconcile/exit_codes.hpp>

#include <range/v3/algorithm/count_if.hpp>
#include <range/v3/algorithm/find.hpp>

#include <chrono>
#include <sstream>
#include <string>
#include <string_view>

using namespace felhom;
using namespace felhom::reconcile;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

auto desire(std::string_view guests) -> operate::pass_input
{
    auto desired = parse_desired_state(R"({"version":1,"generation":1,"guests":[)" + std::string{guests} + "]}",
                                       lxc::key_table::standard());
    REQUIRE(desired.has_value());
    return {.node = *node_name::parse("pve1"),
            .token = *proxmox::token_id::parse(sim::demo_tokens::agent),
            .desired = *std::move(desired),
            .last_inventory = {}};
}

auto fresh_world() -> simulated_agent
{
    return simulated_agent{sim::demo_world(start_of_simulation)};
}

auto with_fault(sim::fault fault) -> simulated_agent
{
    auto node = sim::demo_world(start_of_simulation);
    node.faults.push_back(std::move(fault));
    return simulated_agent{std::move(node)};
}

auto interactive() -> operate::operating_rules
{
    return {.at = {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}},
            .user = sim::demo_tokens::agent,
            .gate = {.here = *host_id::parse("pve1")},
            .guard = {.who = operate::run_mode::interactive, .accepts_mass_change = true}};
}

struct applied {
    exit_code code;
    std::string out;
    std::string err;
};

auto apply(simulated_agent& world, const operate::pass_input& input) -> applied
{
    auto out = std::ostringstream{};
    auto err = std::ostringstream{};
    const auto in = world.start();
    const auto code = agent::run_apply(in, {.input = input}, interactive(), agent::console{.out = out, .err = err},
                                       [](const inventory&) {});
    world.stop();
    return {code, out.str(), err.str()};
}

auto effects(simulated_agent& world, sim::guest_id id, const std::string& operation) -> int
{
    return world.node().effects_of(id, operation);
}

auto writes_of(simulated_agent& world) -> std::ptrdiff_t
{
    return ranges::count_if(world.node().requests, [](const auto& r) { return r.method != "GET"; });
}

constexpr auto more_memory = std::string_view{R"({"vmid":102,"spec":{"memory":1024}})"};
constexpr auto start_backup_sink = std::string_view{R"({"vmid":103,"run_state":"running"})"};
constexpr auto memory_of_102 = "*/lxc/102/config";

} // namespace

TEST_CASE("an empty desired state changes nothing and asks for no configuration")
{
    auto world = fresh_world();
    CHECK(apply(world, desire("")).code == exit_code::success);
    CHECK(writes_of(world) == 0);
    CHECK(world.node().requests.size() == 5);
}

TEST_CASE("a difference is written once, and the second pass writes nothing")
{
    auto world = fresh_world();
    CHECK(apply(world, desire(more_memory)).code == exit_code::success);
    CHECK(effects(world, 102, "config") == 1);
    CHECK(apply(world, desire(more_memory)).code == exit_code::success);
    CHECK(effects(world, 102, "config") == 1);
}

TEST_CASE("a number that no container here has is said to be a machine's, on another node, nowhere, or not to be seen")
{
    auto world = fresh_world();
    world.node().virtual_machines[210] = {{"name", "vm210"}, {"memory", "2048"}};
    world.node().elsewhere[211] = {.node = "pve2", .of = world.node().guests.at(102)};
    const auto check = [&](const std::string& vmid, const std::string& text, exit_code code) {
        const auto said = apply(world, desire(R"({"vmid":)" + vmid + R"(,"spec":{"memory":512}})"));
        INFO(said.out);
        CHECK(said.out.find(text) != std::string::npos);
        CHECK(said.code == code);
    };
    check("210", "its number is a virtual machine's, on node pve1", exit_code::error);
    check("211", "the guest is on node pve2", exit_code::error);
    check("212", "no node of the cluster has it", exit_code::error);
    check("108", "hidden from the API token", exit_code::denied);
    CHECK(writes_of(world) == 0);
}

TEST_CASE("guests that the node's list shows in a way that is not understood keep no other from being planned")
{
    auto world = fresh_world();
    auto in = world.start().in;
    in.exchange = [ask = in.exchange](const std::vector<proxmox::request>& calls) {
        auto answers = ask(calls);
        for (auto at = std::size_t{0}; at < calls.size(); ++at) {
            static constexpr auto stopped = std::string_view{R"("status":"stopped")"};
            const auto place = calls[at].target().ends_with("/nodes/pve1/lxc") && answers[at]
                                   ? answers[at]->body.find(stopped)
                                   : std::string::npos;
            if (place != std::string::npos) {
                answers[at]->body.replace(place, stopped.size(), R"("status":"paused")");
            }
        }
        return answers;
    };
    // 103 is the first that is stopped.
    const auto pass =
        agent::run(in, operate::plan_pass(desire(std::string{more_memory} + "," + std::string{start_backup_sink})));
    world.stop();
    REQUIRE(pass.has_value());
    CHECK(pass->plan.actions().size() == 1);
    REQUIRE(pass->plan.skips().size() == 1);
    CHECK(pass->plan.skips().front().id == *vmid::from_number(103));
    CHECK(std::holds_alternative<guest_unreadable>(pass->plan.skips().front().why));
}

TEST_CASE("a guest is neither nowhere nor hidden while the cluster's guests cannot be read")
{
    auto world = with_fault({.method = "GET",
                             .path = "*/cluster/resources",
                             .what = sim::fault_kind::answers{596, "Connection timed out"},
                             .times = 99});
    const auto done = apply(world, desire(R"({"vmid":212,"spec":{"memory":512}})"));
    CHECK(done.out.find("the cluster's list of guests could not be read") != std::string::npos);
    CHECK(done.code == exit_code::unreachable);
}

TEST_CASE("a start is waited for and read back")
{
    auto world = fresh_world();
    const auto done = apply(world, desire(start_backup_sink));
    CHECK(done.code == exit_code::success);
    CHECK(world.node().guests.at(103).running);
    CHECK(done.out.find("ok guest 103: start: done") != std::string::npos);
}

TEST_CASE("a start that ends with warnings is a success with warnings")
{
    auto world = with_fault(
        {.method = "POST", .path = "*/status/start", .what = sim::fault_kind::task{sim::task_fault::warns{2}}});
    const auto done = apply(world, desire(start_backup_sink));
    CHECK(done.code == exit_code::success);
    CHECK(done.out.find("done with 2 warnings") != std::string::npos);
}

TEST_CASE("a guest that does not shut down in time is a failure, and is not killed")
{
    auto world = fresh_world();
    const auto done = apply(world, desire(R"({"vmid":120,"run_state":"stopped"})"));
    CHECK(done.code == exit_code::error);
    CHECK(done.out.find("container did not stop") != std::string::npos);
    CHECK(world.node().guests.at(120).running);
}

TEST_CASE("where policy says so, it is killed at the end of its time")
{
    auto world = fresh_world();
    auto input = desire(R"({"vmid":120,"run_state":"stopped"})");
    input.plan_rule.kill_after_timeout = true;
    CHECK(apply(world, input).code == exit_code::success);
    CHECK_FALSE(world.node().guests.at(120).running);
}

TEST_CASE("a lock that is not had in time is waited for, and then the change is made once")
{
    auto world =
        with_fault({.method = "PUT", .path = memory_of_102, .what = sim::fault_kind::lock_timeout{}, .times = 2});
    CHECK(apply(world, desire(more_memory)).code == exit_code::success);
    CHECK(effects(world, 102, "config") == 1);
}

TEST_CASE("a lock that stays taken ends as busy, after a bounded number of attempts")
{
    auto world =
        with_fault({.method = "PUT", .path = memory_of_102, .what = sim::fault_kind::lock_timeout{}, .times = 99});
    CHECK(apply(world, desire(more_memory)).code == exit_code::busy);
    CHECK(effects(world, 102, "config") == 0);
    CHECK(writes_of(world) == 4);
}

TEST_CASE("a connection that breaks after the change was made: the state is read back, the change not repeated")
{
    auto world = with_fault({.method = "PUT", .path = memory_of_102, .what = sim::fault_kind::drops_after_apply{}});
    const auto done = apply(world, desire(more_memory));
    CHECK(done.code == exit_code::success);
    CHECK(effects(world, 102, "config") == 1);
    CHECK(writes_of(world) == 1);
    CHECK(done.out.find("as desired; the answer was lost: PUT /nodes/pve1/lxc/102/config: the connection broke")
          != std::string::npos);
}

TEST_CASE("a connection that breaks before the change was made: unknown, and not repeated in this pass")
{
    auto world = with_fault({.method = "PUT", .path = memory_of_102, .what = sim::fault_kind::drops_before_apply{}});
    CHECK(apply(world, desire(more_memory)).code == exit_code::unknown);
    CHECK(writes_of(world) == 1);
    CHECK(apply(world, desire(more_memory)).code == exit_code::success);
    CHECK(effects(world, 102, "config") == 1);
}

TEST_CASE("a 596 whose work goes on behind is waited out by reading back")
{
    auto world = with_fault({.method = "PUT", .path = memory_of_102, .what = sim::fault_kind::gateway_timeout{2s}});
    CHECK(apply(world, desire(more_memory)).code == exit_code::success);
    CHECK(effects(world, 102, "config") == 1);
}

TEST_CASE("a 596 whose work takes longer than reading back is unknown, never failed and never repeated")
{
    auto world = with_fault({.method = "PUT", .path = memory_of_102, .what = sim::fault_kind::gateway_timeout{120s}});
    CHECK(apply(world, desire(more_memory)).code == exit_code::unknown);
    CHECK(writes_of(world) == 1);
}

TEST_CASE("a 500 to a write is no proof that nothing was written")
{
    auto world =
        with_fault({.method = "PUT", .path = memory_of_102, .what = sim::fault_kind::answers{500, "something odd"}});
    CHECK(apply(world, desire(more_memory)).code == exit_code::unknown);
}

TEST_CASE("a task whose worker vanished is unknown, unless the guest shows what it was for")
{
    auto world = with_fault(
        {.method = "POST", .path = "*/status/start", .what = sim::fault_kind::task{sim::task_fault::vanishes{}}});
    const auto done = apply(world, desire(start_backup_sink));
    CHECK(done.code == exit_code::unknown);
    CHECK(done.out.find("outcome unknown") != std::string::npos);
    CHECK(writes_of(world) == 1);
}

TEST_CASE("a task that fails is a failure with the text that it ended with")
{
    auto world = with_fault({.method = "POST",
                             .path = "*/status/start",
                             .what = sim::fault_kind::task{sim::task_fault::fails{"volume is gone"}}});
    const auto done = apply(world, desire(start_backup_sink));
    CHECK(done.code == exit_code::error);
    CHECK(done.out.find("volume is gone") != std::string::npos);
}

TEST_CASE("what Proxmox VE says it did not do is a failure, also where the reason may pass")
{
    static constexpr auto not_online = "storage 'nas' is not online";
    for (const auto& what : {decltype(sim::fault::what){sim::fault_kind::task{sim::task_fault::fails{not_online}}},
                             decltype(sim::fault::what){sim::fault_kind::answers{500, not_online}}}) {
        auto world = with_fault({.method = "POST", .path = "*/status/start", .what = what});
        const auto done = apply(world, desire(start_backup_sink));
        CHECK(done.code == exit_code::error);
        CHECK(done.out.find("guest 103: start: failed: ") != std::string::npos);
        CHECK(world.start().ledger().open_questions().empty());
    }
}

TEST_CASE("a value that Proxmox VE stores of a stopped guest and calls an error is written, and is no success")
{
    auto world = simulated_agent{sim::demo_world(start_of_simulation, sim::pve_version::v9)};
    world.node().guests.at(102).running = false;
    const auto done = apply(world, desire(R"({"vmid":102,"config":{"net1":"name=eth1,bridge=vmbr9"}})"));
    CHECK(done.code == exit_code::error);
    CHECK(done.out.find("!! guest 102: update configuration: done, although: ") != std::string::npos);
    CHECK(done.out.find("bridge 'vmbr9' does not exist") != std::string::npos);
    CHECK(world.node().guests.at(102).config.current.contains("net1"));
}

TEST_CASE("that is not forgotten where another guest is planned anew")
{
    auto node = sim::demo_world(start_of_simulation, sim::pve_version::v9);
    node.faults.push_back({.method = "PUT",
                           .path = "*/lxc/103/config",
                           .what = sim::fault_kind::answers{
                               500, "detected modified configuration - file changed by other user? Try again."}});
    auto world = simulated_agent{std::move(node)};
    const auto done = apply(world, desire(R"({"vmid":102,"config":{"net1":"name=eth1,bridge=vmbr9"}},)"
                                          R"({"vmid":103,"spec":{"memory":512}})"));
    CHECK(done.err.find("planning anew") != std::string::npos);
    CHECK(effects(world, 103, "config") == 1);
    CHECK(done.code == exit_code::error);
}

TEST_CASE("a guest that somebody else changes meanwhile is read and planned anew")
{
    auto world = with_fault({.method = "PUT",
                             .path = memory_of_102,
                             .what = sim::fault_kind::answers{
                                 500, "detected modified configuration - file changed by other user? Try again."}});
    const auto done = apply(world, desire(more_memory));
    CHECK(done.code == exit_code::success);
    CHECK(effects(world, 102, "config") == 1);
    CHECK(done.err.find("planning anew") != std::string::npos);
}

TEST_CASE("one guest's failure does not stop the others, and ends its own later actions")
{
    auto world = with_fault(
        {.method = "PUT", .path = "*/lxc/103/config", .what = sim::fault_kind::answers{400, "no"}, .times = 9});
    const auto done =
        apply(world, desire(std::string{more_memory} + R"(,{"vmid":103,"run_state":"running","spec":{"memory":512}})"));
    CHECK(done.code == exit_code::error);
    CHECK(effects(world, 102, "config") == 1);
    CHECK(effects(world, 103, "start") == 0);
    CHECK(done.out.find("guest 103: start: not attempted") != std::string::npos);
}

TEST_CASE("a missing privilege is reported with its path and nothing is tried")
{
    auto world = fresh_world();
    const auto done = apply(world, desire(R"({"vmid":105,"spec":{"memory":512}})"));
    CHECK(done.code == exit_code::denied);
    CHECK(done.out.find("lacks VM.Config.Memory on /vms/105") != std::string::npos);
    CHECK(writes_of(world) == 0);
}

TEST_CASE("a privilege that only the node knows of is refused by it, and said")
{
    auto world =
        with_fault({.method = "PUT",
                    .path = memory_of_102,
                    .what = sim::fault_kind::answers{403, "Permission check failed (/vms/102, VM.Config.Memory)"}});
    const auto done = apply(world, desire(more_memory));
    CHECK(done.code == exit_code::denied);
    CHECK(done.out.find("VM.Config.Memory") != std::string::npos);
}

TEST_CASE("a destructive difference is held, and the exit status says that a signature is needed")
{
    auto world = fresh_world();
    const auto done = apply(world, desire(R"({"vmid":106,"config":{"protection":false}})"));
    CHECK(done.code == exit_code::refused);
    CHECK(writes_of(world) == 0);
}

TEST_CASE("a locked guest is left alone, and the exit status says so")
{
    auto world = fresh_world();
    CHECK(apply(world, desire(R"({"vmid":107,"spec":{"memory":512}})")).code == exit_code::busy);
    CHECK(writes_of(world) == 0);
}

TEST_CASE("a vanished inventory holds the pass before anything is asked of any guest")
{
    auto world = fresh_world();
    auto input = desire(more_memory);
    for (auto id = 200U; id < 220U; ++id) {
        input.last_inventory.push_back(*vmid::from_number(id));
    }
    const auto done = apply(world, input);
    CHECK(done.code == exit_code::refused);
    CHECK(done.err.find("--accept-inventory") != std::string::npos);
    CHECK(writes_of(world) == 0);
}

TEST_CASE("a wrong token is denied, and asked about once")
{
    auto world = simulated_agent{simulated_world{sim::demo_world(start_of_simulation), sim::demo_tokens::agent,
                                                 "00000000-0000-4000-8000-000000000000"}};
    CHECK(apply(world, desire(more_memory)).code == exit_code::denied);
    CHECK(world.node().requests.size() <= 5);
}

TEST_CASE("a configuration that cannot be read is planned around")
{
    auto world =
        with_fault({.method = "GET", .path = "*/lxc/102/pending", .what = sim::fault_kind::garbage{}, .times = 9});
    const auto done = apply(world, desire(more_memory));
    CHECK(done.code == exit_code::error);
    CHECK(writes_of(world) == 0);
    CHECK(done.out.find("could not be read") != std::string::npos);
}

TEST_CASE("a guest that is to be absent and that the token may not see is not known to be gone")
{
    auto world = fresh_world(); // whose token may not see guest 108
    const auto hidden = apply(world, desire(R"({"vmid":108,"absent":true})"));
    CHECK(hidden.code == exit_code::denied);
    CHECK(hidden.out.find("hidden from the API token") != std::string::npos);
    const auto gone = apply(world, desire(R"({"vmid":999,"absent":true})"));
    CHECK(gone.code == exit_code::success);
    CHECK(gone.out.find("no changes to apply, 1 guest checked") != std::string::npos);
}

TEST_CASE("a guest that is to be absent and whose number a virtual machine has is not called gone")
{
    auto node = sim::demo_world(start_of_simulation);
    node.virtual_machines[200] = {{"name", "vm200"}, {"memory", "2048"}};
    auto world = simulated_agent{std::move(node)};
    const auto done = apply(world, desire(R"({"vmid":200,"absent":true})"));
    CHECK(done.code == exit_code::error);
    CHECK(done.out.find("a virtual machine's, on node pve1") != std::string::npos);
}

TEST_CASE("plan changes nothing and says by its exit status whether there is anything to do")
{
    auto world = fresh_world();
    auto out = std::ostringstream{};
    auto err = std::ostringstream{};
    const auto to = agent::console{.out = out, .err = err};
    CHECK(agent::run_plan(world.outside().view(), {.input = desire(more_memory)}, {}, to) == exit_code::changes);
    CHECK(agent::run_plan(world.outside().view(), {.input = desire(R"({"vmid":102,"spec":{"memory":512}})")}, {}, to)
          == exit_code::success);
    CHECK(writes_of(world) == 0);
}

TEST_CASE("however many guests start at once, the node is asked a bounded number of times a second about their tasks")
{
    auto world = fresh_world();
    auto guests = std::string{};
    for (auto id = 300U; id < 340U; ++id) {
        sim::add_guest(world.node(), id,
                       "arch: amd64\nmemory: 64\nostype: debian\nrootfs: local-zfs:subvol-" + std::to_string(id)
                           + "-disk-0,size=1G\n");
        guests += (guests.empty() ? "" : ",") + std::string{R"({"vmid":)"} + std::to_string(id)
                  + R"(,"run_state":"running"})";
    }
    world.node().settings.takes.start = 60s;
    const auto input = desire(guests);
    world.guests_at_once = 40;
    const auto began = world.outside().now();
    CHECK(apply(world, input).code == exit_code::success);
    const auto seconds = std::chrono::duration<double>(world.outside().now() - began).count();
    const auto polls = ranges::count_if(world.node().requests,
                                        [](const auto& r) { return r.target.find("/tasks") != std::string::npos; });
    CHECK(seconds >= 60);
    // A list and two probes a round, then one status for each task that ended.
    CHECK(static_cast<double>(polls) < 5 * seconds + 60);
}
