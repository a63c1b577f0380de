// SPDX-License-Identifier: Apache-2.0
#include "sim/node/others.hpp"
#include "sim/world_on_demand.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <string>

// Beyond the recorded faults: what a running guest refuses, and what others do to a guest.

using namespace felhom::sim;
using namespace felhom::sim::testing;
using namespace std::chrono_literals;

TEST_CASE("a running guest refuses interfaces key by key, and all else is stored")
{
    auto w = world{};
    const auto net = std::string{"name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,type=veth"};
    w->guests.at(102).config.current["net0"] = net;
    const auto refused = w.send("PUT", "/lxc/102/config",
                                "memory=640&net0=name%3Deth0%2Cbridge%3Dvmbr9%2Chwaddr%3DBC%3A24%3A11%3A00%3A00%3A02");
    CHECK(refused.status == 400);
    CHECK(memory_of(w, 102) == 640);
    CHECK_FALSE(w.data("/lxc/102/config?current=1").as_object().contains("net0"));
    CHECK(w.send("PUT", "/lxc/102/config", "memory=704").status == 200);
    CHECK(memory_of(w, 102) == 704);
    CHECK(w.data("/lxc/102/config").at("net0") == "name=eth0,bridge=vmbr9,hwaddr=BC:24:11:00:00:02");
}

TEST_CASE("with another bridge that is not there an interface stays, and is plugged in nowhere")
{
    auto w = world{};
    w->guests.at(102).config.current["net0"] = "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,type=veth";
    const auto refused =
        w.send("PUT", "/lxc/102/config", "net0=name%3Deth0%2Cbridge%3Dvmbr9%2Chwaddr%3DBC%3A24%3A11%3A00%3A00%3A01");
    CHECK(refused.reason == "bridge '' does not exist");
    CHECK(w.data("/lxc/102/config?current=1").at("net0") == "name=eth0,hwaddr=BC:24:11:00:00:01,type=veth");
}

TEST_CASE("a guest that was migrated is not here, and is listed with its new node")
{
    auto w = world{};
    migrate(w.on(), 101, "pve2");
    CHECK(w.send("GET", "/lxc/101/pending").reason == "Configuration file 'nodes/pve1/lxc/101.conf' does not exist");
    auto nodes = std::string{};
    const auto rows = w.cluster("/resources?type=vm");
    for (const auto& row : rows.as_array()) {
        if (row.at("vmid") == 101) {
            nodes += row.at("node").as_string().c_str();
        }
    }
    CHECK(nodes == "pve2");
    CHECK(w.cluster("/status").as_array().size() == 3);
}

TEST_CASE("with a guest goes what was granted on it alone")
{
    auto w = world{};
    w->access.entries.push_back({.path = "/vms/101", .who = "felhom@pve!agent", .role = "FelhomAgent"});
    destroy_by_hand(w.on(), 101);
    w.wait(1min);
    CHECK_FALSE(w->guests.contains(101));
    CHECK(std::ranges::none_of(w->access.entries, [](const auto& entry) { return entry.path == "/vms/101"; }));
}

TEST_CASE("a write that waited for the lock of a guest's destroy finds no guest")
{
    auto w = world{};
    destroy_by_hand(w.on(), 103);
    const auto refused = w.send("PUT", "/lxc/103/config", "memory=640");
    CHECK(refused.reason == "Configuration file 'nodes/pve1/lxc/103.conf' does not exist");
    CHECK_FALSE(w->guests.contains(103));
}
