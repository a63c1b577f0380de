// SPDX-License-Identifier: Apache-2.0
#include "sim/world_on_demand.hpp"
#include "support/catch.hpp"

#include <boost/json/serialize.hpp>

#include <chrono>
#include <string>

// What the recorded exchanges do not reach: faults, virtual time, PVE 9, the oracle of effects.

using namespace felhom::sim;
using namespace felhom::sim::testing;
using namespace std::chrono_literals;

TEST_CASE("a task runs for as long as it takes, and its effect comes with its end")
{
    auto w = world{};
    const auto upid = w.start("POST", "/lxc/103/status/start");
    CHECK(w.task(upid).at("status") == "running");
    CHECK_FALSE(w.task(upid).contains("exitstatus"));
    CHECK(w.data("/lxc/103/status/current").at("status") == "stopped");
    w.wait(w->settings.takes.start - 1ms);
    CHECK(w.task(upid).at("status") == "running");
    w.wait(1ms);
    CHECK(w.exit_status(upid) == "OK");
    CHECK(w.data("/lxc/103/status/current").at("status") == "running");
    CHECK(w->effects_of(103, "start") == 1);
}

TEST_CASE("a copy of a node goes its own way")
{
    auto w = world{};
    static_cast<void>(w.start("POST", "/lxc/103/status/start"));
    auto copy = w;
    copy.wait(1h);
    CHECK(copy->effects_of(103, "start") == 1);
    CHECK(w->effects_of(103, "start") == 0);
    CHECK(w->next_event() == noon + w->settings.takes.start);
}

TEST_CASE("a dropped connection tells nothing about the effect")
{
    auto w = world{};
    w.inject({.method = "PUT", .path = "/nodes/pve1/lxc/102/config", .what = fault_kind::drops_before_apply{}});
    w.inject({.method = "PUT", .path = "/nodes/pve1/lxc/102/config", .what = fault_kind::drops_after_apply{}});
    CHECK(w.send("PUT", "/lxc/102/config", "memory=1024").dropped);
    CHECK(memory_of(w, 102) == 512);
    CHECK(w.send("PUT", "/lxc/102/config", "memory=1024").dropped);
    CHECK(memory_of(w, 102) == 1024);
    CHECK(w->effects_of(102, "config") == 1);
}

TEST_CASE("a proxy's time-out comes before the effect")
{
    auto w = world{};
    w.inject({.method = "PUT",
              .path = "/nodes/pve1/lxc/102/config",
              .what = fault_kind::gateway_timeout{.effect_after = 40s}});
    const auto response = w.send("PUT", "/lxc/102/config", "memory=1024");
    CHECK(response.status == 596);
    CHECK(response.reason == "Connection timed out");
    CHECK(response.body.empty());
    w.wait(39s);
    CHECK(memory_of(w, 102) == 512);
    w.wait(1s);
    CHECK(memory_of(w, 102) == 1024);
}

TEST_CASE("a fault stands for as many requests as it says, and only for those it names")
{
    auto w = world{};
    w.inject({.method = "GET", .path = "/nodes/pve1/lxc/*", .what = fault_kind::answers{503, "busy"}, .times = 2});
    CHECK(w.send("GET", "/storage").status == 200);
    CHECK(w.send("GET", "/lxc/101/config").status == 503);
    CHECK(w.send("GET", "/lxc/102/config").status == 503);
    CHECK(w.send("GET", "/lxc/101/config").status == 200);
}

TEST_CASE("a late answer, a locked file and garbage are faults too")
{
    auto w = world{};
    w.inject({.method = "GET", .path = "*", .what = fault_kind::late{7s}});
    CHECK(w.send("GET", "/lxc").delay == 7s);
    w.inject({.method = "PUT", .path = "*", .what = fault_kind::lock_timeout{}});
    const auto locked = w.send("PUT", "/lxc/101/config", "memory=64");
    CHECK(locked.reason == "can't lock file '/run/lock/lxc/pve-config-101.lock' - got timeout");
    CHECK(locked.delay == 10s);
    w.inject({.method = "GET", .path = "*", .what = fault_kind::garbage{"<html>"}});
    CHECK(w.send("GET", "/lxc").body == "<html>");
}

TEST_CASE("a worker that vanishes leaves an unexpected status, its work done or not")
{
    for (const auto done : {false, true}) {
        auto w = world{};
        w.inject({.method = "POST",
                  .path = "*/start",
                  .what = fault_kind::task{task_fault::vanishes{.after_its_work = done}}});
        const auto upid = w.start("POST", "/lxc/103/status/start");
        w.wait(1min);
        CHECK(w.exit_status(upid) == "unexpected status");
        CHECK(w->effects_of(103, "start") == (done ? 1 : 0));
    }
}

TEST_CASE("a task may be forgotten, warn or fail")
{
    auto w = world{};
    const auto with = [&](any_task_fault how) {
        w.inject({.method = "POST", .path = "*", .what = fault_kind::task{std::move(how)}});
        auto upid = w.start("POST", "/lxc/101/snapshot", "snapname=s" + std::to_string(w->tasks.size()));
        w.wait(1min);
        return upid;
    };
    CHECK(w.send("GET", "/tasks/" + with(task_fault::forgotten{}) + "/status").status == 400);
    CHECK(w.exit_status(with(task_fault::warns{2})) == "WARNINGS: 2");
    CHECK(w->effects_of(101, "snapshot") == 2);
    CHECK(w.exit_status(with(task_fault::fails{"disk full"})) == "disk full");
    CHECK(w->effects_of(101, "snapshot") == 2);
}

TEST_CASE("a write waits for the guest's file lock, up to ten seconds")
{
    auto w = world{};
    static_cast<void>(w.start("POST", "/lxc/101/status/shutdown"));
    const auto waited = w.send("PUT", "/lxc/101/config", "memory=256");
    CHECK(waited.status == 200);
    CHECK(waited.delay == w->settings.takes.shutdown);
    static_cast<void>(w.start("POST", "/lxc/120/status/shutdown", "timeout=60"));
    const auto refused = w.send("PUT", "/lxc/120/config", "memory=256");
    CHECK(refused.status == 500);
    CHECK(refused.delay == 10s);
}

TEST_CASE("a pending change comes into force with the next stop, whoever made it")
{
    auto w = world{};
    CHECK(w.data("/lxc/104/config?current=1").at("nameserver") == "192.0.2.1");
    CHECK(w.data("/lxc/104/config").at("nameserver") == "192.0.2.53");
    static_cast<void>(w.start("POST", "/lxc/104/status/stop"));
    w.wait(1min);
    CHECK(w.data("/lxc/104/config?current=1").at("nameserver") == "192.0.2.53");
    CHECK(w.data("/lxc/104/config?current=1").at("features") == "nesting=1");
}

TEST_CASE("a deletion leaves what waits for a restart, which then comes into force")
{
    auto w = world{};
    CHECK(w.send("PUT", "/lxc/104/config", "delete=nameserver").status == 200);
    CHECK(w.data("/lxc/104/config").at("nameserver") == "192.0.2.53");
    static_cast<void>(w.start("POST", "/lxc/104/status/stop"));
    w.wait(1min);
    CHECK(w.data("/lxc/104/config?current=1").at("nameserver") == "192.0.2.53");
}

TEST_CASE("a token's features are compared with those in force, and a flag that is off is not an absent one")
{
    const auto status = [](const std::string& in_force, const std::string& body) {
        INFO(in_force << " " << body);
        auto w = world{};
        w->guests.at(104).config.current["features"] = in_force;
        if (in_force.empty()) {
            w->guests.at(104).config.current.erase("features");
        }
        return w.send("PUT", "/lxc/104/config", body).status;
    };
    CHECK(status("", "features=nesting%3D1") == 200);
    CHECK(status("", "features=nesting%3D1,keyctl%3D0") == 403);
    CHECK(status("", "delete=features") == 200);
    CHECK(status(" ", "features=nesting%3D1") == 200);
    CHECK(status("nesting=1", "delete=features") == 200);
    CHECK(status("nesting=0", "delete=features") == 403);
    CHECK(status("nesting=1,keyctl=0", "delete=features") == 403);
    CHECK(status("nesting=1,keyctl=0", "revert=features") == 403);
    CHECK(status("nesting=1,keyctl=0", "features=keyctl%3D0") == 200);
    CHECK(status("nesting=1,keyctl=0", "features=nesting%3D1") == 403);
}

TEST_CASE("where no features are in force, those that wait for a restart may be changed in their nesting")
{
    const auto status = [](const std::string& pending) {
        INFO(pending);
        auto w = world{};
        w->guests.at(104).config.current.erase("features");
        w->guests.at(104).config.pending["features"] = pending;
        return w.send("PUT", "/lxc/104/config", "features=nesting%3D0").status;
    };
    CHECK(status("nesting=1") == 200);
    CHECK(status("") == 403);
}

TEST_CASE("an interface's prefix of less than 8 bits is refused")
{
    auto w = world{};
    CHECK(w.send("PUT", "/lxc/101/config", "net0=name%3Deth0,bridge%3Dvmbr0,ip%3D10.0.0.2/7").status == 400);
    CHECK(w.send("PUT", "/lxc/101/config", "net0=name%3Deth0,bridge%3Dvmbr0,ip%3D10.0.0.2/8").status == 200);
}

TEST_CASE("a token sees and may do what its access control list says, guest by guest")
{
    auto w = world{};
    CHECK(w.send("PUT", "/lxc/105/config", "memory=512").reason
          == "Permission check failed (/vms/105, VM.Config.Memory)");
    CHECK(w.send("PUT", "/lxc/105/config", "cores=2").status == 200);
    CHECK(w.send("GET", "/lxc/108/config").reason == "Permission check failed (/vms/108, VM.Audit)");
    const auto guests = w.data("/lxc");
    for (const auto& row : guests.as_array()) {
        CHECK(row.at("vmid") != 108);
    }
}

TEST_CASE("every request is logged with its answer's status")
{
    auto w = world{};
    static_cast<void>(w.send("GET", "/lxc/999/config"));
    REQUIRE(w->requests.size() == 1);
    CHECK(w->requests.front().status == 500);
    CHECK(w->requests.front().target == "/api2/json/nodes/pve1/lxc/999/config");
}

TEST_CASE("PVE 9 has configuration keys that PVE 8 does not know")
{
    CHECK(world{pve_version::v9}.send("PUT", "/lxc/101/config", "entrypoint=%2Fbin%2Fsh").status == 200);
    CHECK(world{pve_version::v8}.send("PUT", "/lxc/101/config", "entrypoint=%2Fbin%2Fsh").status == 400);
}

TEST_CASE("PVE 9 reports pressure, PVE 8 does not")
{
    CHECK(world{pve_version::v9}.data("/lxc/101/status/current").as_object().contains("pressurecpusome"));
    CHECK_FALSE(world{pve_version::v8}.data("/lxc/101/status/current").as_object().contains("pressurecpusome"));
}

TEST_CASE("PVE 9 stores a network without a bridge, answers 500, and from then on does so with every write")
{
    auto w = world{pve_version::v9};
    CHECK(w.send("PUT", "/lxc/102/config", "net0=name%3Deth0").reason == "bridge '' does not exist");
    CHECK(w.send("PUT", "/lxc/102/config", "memory=1024").status == 500);
    CHECK(memory_of(w, 102) == 1024);
}

TEST_CASE("PVE 8 refuses a network without a bridge and stores nothing")
{
    auto w = world{pve_version::v8};
    CHECK(w.send("PUT", "/lxc/102/config", "net0=name%3Deth0").reason == "no sdn vnet ID specified");
    CHECK(w.send("PUT", "/lxc/102/config", "memory=1024").status == 200);
}

TEST_CASE("cpuunits are clamped as the kernel's cgroup version wants")
{
    auto w = world{};
    static_cast<void>(w.send("PUT", "/lxc/101/config", "cpuunits=500000"));
    CHECK(w.data("/lxc/101/config").at("cpuunits") == 10000);
    w->settings.cgroup = 1;
    static_cast<void>(w.send("PUT", "/lxc/101/config", "cpuunits=500000"));
    CHECK(w.data("/lxc/101/config").at("cpuunits") == 500000);
}

TEST_CASE(
    "a volume is grown for who may allocate on its storage, as long as its guest is as it was when the worker begins")
{
    const auto grow = [](world& w, const std::string& body) { return w.send("PUT", "/lxc/106/resize", body); };
    auto w = world{};
    CHECK(grow(w, "disk=mp0&size=32G").reason == "unable to shrink disk size");
    CHECK(grow(w, "disk=mp0&size=64G").reason == "disk is already at specified size");
    CHECK(grow(w, "disk=mp1&size=64G").reason == "no volume ID specified in config for 'mp1'");
    w->storages.at("local-zfs").active = false;
    CHECK(grow(w, "disk=mp0&size=128G").reason == "storage 'local-zfs' is not online");
    w->storages.at("local-zfs").active = true;
    w->access.entries.push_back({.path = "/storage/local-zfs", .who = demo_tokens::agent, .role = "NoAccess"});
    CHECK(grow(w, "disk=mp0&size=128G").status == 403);
    w->access.entries.pop_back();

    const auto seen = digest_of(w->guests.at(106).config);
    const auto overtaken = w.start("PUT", "/lxc/106/resize", "disk=mp0&size=96G");
    const auto late = w.start("PUT", "/lxc/106/resize", "disk=mp0&size=128G&digest=" + seen);
    w.wait(1min);
    CHECK(w.exit_status(overtaken) == "OK");
    CHECK(w.exit_status(late) == "detected modified configuration - file changed by other user? Try again.");
    CHECK(std::string{w.data("/lxc/106/config").at("mp0").as_string()}.ends_with("size=96G"));
}
