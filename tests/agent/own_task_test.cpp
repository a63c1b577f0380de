// SPDX-License-Identifier: Apache-2.0
#include "evidence_world.hpp"

#include <felhom/operate/procedures/take_up.hpp>

#include <chrono>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

const auto guest_103 = *vmid::from_number(103);

auto start_begun(const evidence_world& world, std::uint64_t id) -> operate::operation_record
{
    return operate::operation_started{.id = operate::operation_id{id},
                                      .at = world.now(),
                                      .guest = guest_103,
                                      .from = operate::origin::reconcile,
                                      .what = operate::guest_start{}};
}

auto claimed(const evidence_world& world, std::uint64_t id, operate::operation what) -> operate::operation_record
{
    return operate::operation_claimed{.id = operate::operation_id{id},
                                      .at = world.now(),
                                      .guest = guest_103,
                                      .what = std::move(what),
                                      .nonce = std::string(32, '7'),
                                      .expires_at = world.now() + 1h,
                                      .blob = sha256(std::to_string(id)).value(),
                                      .signers = {"op-1"}};
}

auto node_with_snapshot() -> sim::node
{
    auto node = sim::demo_world(start_of_simulation);
    const auto now = std::string{
        "arch: amd64\nmemory: 256\nostype: debian\nrootfs: local-zfs:subvol-103-disk-0,size=8G\nunprivileged: 1\n"};
    node.guests.at(103).config =
        sim::parse_config_file(now + "parent: before\n\n[before]\n" + now + "snaptime: 1794990000\n");
    return node;
}

/// What comes of a start of guest 103.
auto outcome_of_start(evidence_world& world) -> operate::action_outcome
{
    auto jobs = std::vector<operate::lane_job>{};
    jobs.push_back({.guest = guest_103,
                    .kind = operate::job_kind::plain,
                    .work = operate::execute(reconcile::start_guest{guest_103}, 1, operate::origin::reconcile,
                                             operate::context_of(evidence_world::rules()))});
    auto ends = world.in().in_lanes(std::move(jobs));
    return std::get<operate::action_outcome>(ends.front().value());
}

auto only_operation(const evidence_world& world) -> operate::operation_state
{
    const auto known = world.ledger();
    REQUIRE(known.operations().size() == 1);
    return known.operations().begin()->second;
}

auto node_where(sim::fault fault) -> evidence_world
{
    auto node = sim::demo_world(start_of_simulation);
    node.faults.push_back(std::move(fault));
    return evidence_world{std::move(node)};
}

const auto start_vanishes =
    sim::fault{.method = "POST",
               .path = "*/status/start",
               .what = sim::fault_kind::task{sim::task_fault::vanishes{.after_its_work = false}}};

} // namespace

TEST_CASE("a guest that somebody else destroyed before our call left is gone by his task, and not by ours")
{
    auto world = evidence_world{};
    const auto begun = claimed(world, 1, operate::guest_destroy{});
    world.let_pass(2s);
    const auto task = world.by_root("vzdestroy", 103, sim::job::destroy{.vmid = 103, .force = false, .purge = false});
    world.let_pass(1min);
    REQUIRE_FALSE(world.node().guests.contains(103));
    const auto end = world.recover_in_flight({begun});
    INFO(end.detail);
    CHECK(text_of(end.how) == "succeeded");
    CHECK(end.code == "by_another");
    CHECK(end.detail.find("not by this operation: task " + task + " of root@pam") != std::string::npos);
    CHECK_FALSE(only_operation(world).task.has_value());
}

TEST_CASE("a refused destroy of a guest that is gone by then is told to be somebody else's")
{
    auto world = evidence_world{};
    world.instead = [&](const proxmox::request& call) -> std::optional<net::exchanged> {
        if (!changes_something(call)) {
            return std::nullopt;
        }
        static_cast<void>(
            world.by_root("vzdestroy", 103, sim::job::destroy{.vmid = 103, .force = false, .purge = false}));
        world.let_pass(1min);
        return answered(call, 500, "Configuration file 'nodes/pve1/lxc/103.conf' does not exist");
    };
    const auto result = world.submit("guest.destroy", 103);
    INFO(result.detail);
    CHECK(text_of(result.state) == "succeeded");
    CHECK(result.code == "by_another");
    CHECK(result.detail.find("root@pam") != std::string::npos);
}

TEST_CASE("a guest whose list of snapshots names no digest is not destroyed, and the result says so")
{
    auto world = evidence_world{};
    world.instead = [](const proxmox::request& call) -> std::optional<net::exchanged> {
        return call.target().ends_with("/lxc/103/snapshot")
                   ? std::optional{answered(call, 200, "OK", R"({"data":[{"name":"current"}]})")}
                   : std::nullopt;
    };
    const auto result = world.submit("guest.destroy", 103);
    INFO(result.detail);
    CHECK(text_of(result.state) == "waiting");
    CHECK(result.detail.find("names no digest") != std::string::npos);
    CHECK(world.node().guests.contains(103));
}

TEST_CASE("a task that the journal gives to another operation is never taken for this one's")
{
    auto world = evidence_world{node_with_snapshot()};
    const auto before = operate::guest_rollback{*proxmox::snapshot_name::parse("before")};
    const auto first = world.submit("guest.rollback", 103, signed_params_of(before));
    REQUIRE(text_of(first.state) == "succeeded");
    // The next one was begun within the same seconds, and its call never left.
    const auto end = world.recover_in_flight({claimed(world, 2, before)});
    INFO(end.detail);
    CHECK(text_of(end.how) == "unknown");
    CHECK_FALSE(world.ledger().find(operate::operation_id{2})->task.has_value());
}

TEST_CASE("nor is it after a step of the clock")
{
    auto world = evidence_world{node_with_snapshot()};
    const auto before = operate::guest_rollback{*proxmox::snapshot_name::parse("before")};
    REQUIRE(text_of(world.submit("guest.rollback", 103, signed_params_of(before)).state) == "succeeded");
    auto begun = std::get<operate::operation_claimed>(claimed(world, 2, before));
    begun.at -= 2h;
    CHECK(text_of(world.recover_in_flight({begun}).how) == "unknown");
}

TEST_CASE("a start whose answer is lost is done by the task that the node lists for it")
{
    auto world = node_where({.method = "POST", .path = "*/status/start", .what = sim::fault_kind::drops_after_apply{}});
    const auto outcome = outcome_of_start(world);
    CHECK(reconcile::describe(outcome) == "done");
    REQUIRE(only_operation(world).task.has_value());
    CHECK(only_operation(world).task->type() == "vzstart");
    CHECK(only_operation(world).end->code.empty());
}

TEST_CASE("a start whose answer is lost is unknown where the clock was set back before its task began")
{
    auto world = node_where({.method = "POST", .path = "*/status/start", .what = sim::fault_kind::drops_after_apply{}});
    world.node().settings.clock_step = -10min;
    CHECK(reconcile::code_of(outcome_of_start(world)) == "unknown");
    CHECK(world.node().effects_of(103, "start") == 1);
}

TEST_CASE("a start whose own task vanished is unknown where somebody else's task started the guest")
{
    for (const auto set_by : {0min, -10min}) {
        auto world = node_where(start_vanishes);
        world.instead = [&](const proxmox::request& call) -> std::optional<net::exchanged> {
            const auto is_read_back = call.target().ends_with("/lxc/103/status/current");
            if (is_read_back && !world.node().guests.at(103).running) {
                world.set_clock(set_by);
                static_cast<void>(world.by_root("vzstart", 103, sim::job::start{.vmid = 103}));
                world.let_pass(10s);
            }
            return std::nullopt;
        };
        CHECK(reconcile::code_of(outcome_of_start(world)) == "unknown");
        CHECK(world.node().guests.at(103).running);
    }
}

TEST_CASE(
    "a start whose own task vanished is unknown where another's vanished, too, and either may have started the guest")
{
    auto world = node_where(start_vanishes);
    world.instead = [&](const proxmox::request& call) -> std::optional<net::exchanged> {
        const auto is_read_back = call.target().ends_with("/lxc/103/status/current");
        if (is_read_back && !world.node().guests.at(103).running) {
            static_cast<void>(world.by_root("vzstart", 103, sim::job::start{.vmid = 103}));
            world.let_pass(10s);
            world.node().tasks.back().exit_status = "unexpected status";
        }
        return std::nullopt;
    };
    CHECK(reconcile::code_of(outcome_of_start(world)) == "unknown");
    CHECK(world.node().guests.at(103).running);
}

TEST_CASE("what is under way at the node is waited for by a clock that nobody sets")
{
    auto world = node_where(
        {.method = "POST", .path = "*/status/start", .what = sim::fault_kind::gateway_timeout{.effect_after = 45s}});
    world.instead = [&, is_set = false](const proxmox::request& call) mutable -> std::optional<net::exchanged> {
        if (!is_set && call.target().find("/tasks?") != std::string::npos) {
            is_set = true;
            world.set_clock(2h);
        }
        return std::nullopt;
    };
    CHECK(reconcile::describe(outcome_of_start(world)) == "done");
    CHECK(world.node().effects_of(103, "start") == 1);
}

TEST_CASE("a call that was repeated after a lock, and whose task began by a clock that was set back, is unknown")
{
    auto world = evidence_world{};
    const auto agent = sim::identity{.user = "felhom@pve", .token = "agent", .separated = true};
    const auto begun = start_begun(world, 1);
    const auto first = world.node().spawn(
        agent, "vzstart", "103",
        sim::job::fail{.text = "can't lock file '/run/lock/lxc/pve-config-103.lock' - got timeout", .lines = {}});
    const auto known = operate::operation_task{
        .id = operate::operation_id{1}, .at = world.now(), .task = proxmox::upid::parse(first).value()};
    world.let_pass(10s);
    world.set_clock(-10min);
    static_cast<void>(world.node().spawn(agent, "vzstart", "103", sim::job::start{.vmid = 103}));
    world.let_pass(10s);
    REQUIRE(world.node().guests.at(103).running);
    CHECK(text_of(world.recover_in_flight({begun, known}).how) == "unknown");
}

TEST_CASE("a start that the node never began is not begun, which is known once it had to be in its lists")
{
    auto world =
        node_where({.method = "POST", .path = "*/status/start", .what = sim::fault_kind::drops_before_apply{}});
    const auto before = world.now();
    const auto outcome = outcome_of_start(world);
    INFO(reconcile::describe(outcome));
    CHECK(reconcile::code_of(outcome) == "not_begun");
    CHECK(world.now() - before >= 60s);
    CHECK(world.node().effects_of(103, "start") == 0);
}

TEST_CASE("where a list of tasks cannot be read, what was lost stays unknown")
{
    for (const auto* const list : {"source=active", "limit=200"}) {
        auto world =
            node_where({.method = "POST", .path = "*/status/start", .what = sim::fault_kind::drops_before_apply{}});
        world.instead = [&](const proxmox::request& call) -> std::optional<net::exchanged> {
            const auto is_list = call.target().find("/tasks?") != std::string::npos;
            return is_list && call.target().find(list) != std::string::npos
                       ? std::optional{answered(call, 500, "unable to read the list")}
                       : std::nullopt;
        };
        CHECK(reconcile::code_of(outcome_of_start(world)) == "unknown");
    }
}

TEST_CASE("that a guest runs, without a readable list of tasks, is not known to be this operation's work")
{
    auto world = evidence_world{};
    world.instead = [&](const proxmox::request& call) -> std::optional<net::exchanged> {
        if (call.target().find("/tasks?") != std::string::npos) {
            return answered(call, 500, "unable to read the list");
        }
        if (!changes_something(call)) {
            return std::nullopt;
        }
        world.node().guests.at(103).running = true;
        return lost(call);
    };
    CHECK(reconcile::code_of(outcome_of_start(world)) == "unknown");
}

TEST_CASE("a start is somebody else's where the guest ran already when our task came to it")
{
    auto world = evidence_world{};
    world.instead = [&](const proxmox::request& call) -> std::optional<net::exchanged> {
        if (changes_something(call)) {
            world.node().guests.at(103).running = true;
            return answered(call, 500, "CT 103 already running");
        }
        return std::nullopt;
    };
    CHECK(reconcile::describe(outcome_of_start(world)).starts_with("as wanted, but not by this operation"));
    CHECK(only_operation(world).end->code == "by_another");
}

TEST_CASE("an operation that was begun and whose call never left, taken up, was not begun at the node")
{
    auto world = evidence_world{};
    const auto end = world.recover_in_flight({start_begun(world, 1)});
    CHECK(text_of(end.how) == "failed");
    CHECK(end.detail.starts_with("after a restart: not begun: the node has no task of it"));
}

TEST_CASE("a configuration that is as desired after an answer was lost is told to be just that")
{
    auto world =
        node_where({.method = "PUT", .path = "*/lxc/103/config", .what = sim::fault_kind::drops_after_apply{}});
    const auto result = world.submit("guest.set_config", 103, {{"set", {{"tags", "web"}}}});
    CHECK(text_of(result.state) == "succeeded");
    CHECK(result.detail.starts_with("as desired; the answer was lost: "));
}

TEST_CASE("an operation that is not understood is followed while its task runs, and unknown once that has ended")
{
    auto node = sim::demo_world(start_of_simulation);
    node.settings.takes.destroy = 1h;
    auto world = evidence_world{std::move(node)};
    const auto begun = claimed(
        world, 1, operate::unread_operation{.name = "guest.destroy", .params = {{"purge", true}, {"later", 1}}});
    const auto task = world.by_root("vzdestroy", 103, sim::job::destroy{.vmid = 103, .force = false, .purge = false});
    const auto of_task =
        operate::operation_task{.id = operate::operation_id{1}, .at = world.now(), .task = *proxmox::upid::parse(task)};
    const auto end = world.recover_in_flight({begun, of_task});
    CHECK(text_of(end.how) == "unknown");
    CHECK(end.code == "running");
    CHECK(only_operation(world).is_followed());

    world.let_pass(2h);
    static_cast<void>(agent::run(world.in(), operate::take_up(evidence_world::rules())));
    const auto later = only_operation(world).end.value();
    INFO(later.detail);
    CHECK(text_of(later.how) == "unknown");
    CHECK(later.code.empty());
    CHECK_FALSE(only_operation(world).is_followed());
}
