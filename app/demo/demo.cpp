// SPDX-License-Identifier: Apache-2.0
#include "demo/demo.hpp"

#include "demo/child.hpp"
#include "demo/demo_daemon.hpp"
#include "demo/demo_stage.hpp"
#include "sim/node/demo_world.hpp"

#include <felhom/core/json/writer.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

namespace felhom::demo {

namespace {

using namespace std::chrono_literals;

constexpr auto demo_config = std::string_view{"config.json"};

constexpr auto first_guests = std::string_view{R"(
    { "vmid": 101, "name": "web", "run_state": "running", "description": "Web server",
      "config": { "tags": "web;customer", "onboot": true } },
    { "vmid": 102, "name": "db", "run_state": "running", "spec": { "memory": 1024 } },
    { "vmid": 103, "name": "backup-sink", "run_state": "running" },
    { "vmid": 104, "name": "dns", "config": { "nameserver": "192.0.2.53" } },
    { "vmid": 105, "name": "mail", "spec": { "memory": 512 } },
    { "vmid": 106, "name": "files", "config": { "protection": false } },
    { "vmid": 107, "name": "cache", "spec": { "memory": 512 } },
    { "vmid": 108, "name": "hidden", "run_state": "running" },
    { "vmid": 109, "name": "retired", "absent": true })"};

constexpr auto later_guests = std::string_view{R"(
    { "vmid": 103, "name": "backup-sink", "run_state": "stopped" })"};

/// A start takes seconds on a real node; here nobody should wait for it.
[[nodiscard]] auto quick_world() -> sim::node
{
    auto world = sim::demo_world(wall_clock());
    world.settings.takes.start = 400ms;
    world.settings.takes.shutdown = 600ms;
    world.settings.takes.destroy = 400ms;
    sim::add_guest(world, 109,
                   "arch: amd64\nhostname: retired\nmemory: 256\nostype: debian\n"
                   "rootfs: local-zfs:subvol-109-disk-0,size=2G\n");
    sim::add_guest(world, 110,
                   "arch: amd64\nhostname: old\nmemory: 256\nostype: debian\n"
                   "rootfs: local-zfs:subvol-110-disk-0,size=2G\n");
    return world;
}

void desire(const stage& on, int generation, std::string_view guests)
{
    on.files().write("desired.json", R"({"version": 1, "generation": )" + std::to_string(generation)
                                         + R"(, "guests": [)" + std::string{guests} + "]}");
}

[[nodiscard]] auto prepare(const stage& on) -> bool
{
    if (!on.make_key()) {
        return false;
    }
    auto config = on.basic_config("state");
    config["desired"] = {{"source", "file"}, {"path", on.files().at("desired.json")}};
    on.files().write(demo_config, json_text(config));
    desire(on, 1, first_guests);
    return true;
}

/// Begins `felhom-agent apply`, and kills it while a task of the node runs.
[[nodiscard]] auto kill_in_mid_task(stage& on, std::string_view task) -> bool
{
    on.say("\n$ felhom-agent apply --yes  (killed while the node shuts the guest down)");
    const auto running = child{on.words(demo_config, {"apply", "--yes"}), /*silent=*/true};
    const auto begun = comes_about([&] {
        auto seen = false;
        on.server().with_node([&](sim::node& node) {
            seen = std::ranges::any_of(node.tasks, [&](const auto& t) { return !t.ended && t.type == task; });
        });
        return seen;
    });
    if (begun) {
        std::this_thread::sleep_for(200ms); // the agent has noted the task
        running.kill();
    }
    return begun;
}

void explain(const stage& on)
{
    for (const auto* const line : {
             "101 web          a description without its line end and tags in another order are no drift",
             "102 db           memory was changed while the guest ran",
             "103 backup-sink  was stopped and should run: started, its task waited for, its state read back",
             "104 dns          is configured as desired, and waits for a restart that nobody asked for",
             "105 mail         the token lacks a privilege there, so the change was not even tried",
             "106 files        dropping the protection may lose data: held until an operator signs it",
             "107 cache        is locked by a backup: left alone",
             "108 hidden       cannot be seen with this token: reported, never taken for deleted",
             "109 retired      should be gone: held until an operator signs it",
         }) {
        on.say(line);
    }
}

[[nodiscard]] auto show_passes(stage& on) -> bool
{
    on.say("A simulated Proxmox VE node serves " + on.server().url() + ", certificate " + on.server().fingerprint());
    const auto drifted = on.run(demo_config, {"plan"});
    const auto applied = on.run(demo_config, {"apply", "--yes"});
    const auto settled = on.run(demo_config, {"plan"});
    on.say("");
    explain(on);
    // Guest 108 cannot be seen: that weighs more than what differs.
    return drifted == exit_code::denied && applied == exit_code::denied && settled == exit_code::denied;
}

[[nodiscard]] auto show_signature(stage& on) -> bool
{
    on.say("\n-- The operator signs the destruction of 109, with a key that only this demo has.");
    const auto bundle = on.sign_destroy("109", on.digest_of(109));
    if (!bundle) {
        on.complain(bundle.error());
        return false;
    }
    on.files().write("destroy-109.bundle", *bundle);
    const auto path = on.files().at("destroy-109.bundle");
    const auto executed = on.run(demo_config, {"submit", path});
    on.say("\n-- The same bundle once more: the stored result answers it.");
    const auto replayed = on.run(demo_config, {"submit", path});
    const auto destroyed = on.times(109, "destroy");
    on.say("\nguest 109 was destroyed " + std::to_string(destroyed) + " time");
    return executed == exit_code::success && replayed == exit_code::success && destroyed == 1;
}

[[nodiscard]] auto show_crash(stage& on) -> bool
{
    on.say("\n-- 103 should be stopped again; the agent dies while the node works on it.");
    desire(on, 2, later_guests);
    if (!kill_in_mid_task(on, "vzshutdown")) {
        return false;
    }
    const auto resumed = on.run(demo_config, {"apply", "--yes"});
    const auto listed = on.run(demo_config, {"ops", "list"});
    const auto shut_down = on.times(103, "shutdown");
    on.say("\nguest 103 was shut down " + std::to_string(shut_down) + " time");
    return resumed == exit_code::success && listed == exit_code::success && shut_down == 1;
}

} // namespace

auto run_demo(const agent::console& to, const std::string& agent) -> exit_code
{
    auto on = stage{to, agent, quick_world()};
    const auto as_expected = prepare(on) && show_passes(on) && show_signature(on) && show_crash(on) && show_daemon(on);
    return as_expected ? exit_code::success : exit_code::error;
}

} // namespace felhom::demo
