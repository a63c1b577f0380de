// SPDX-License-Identifier: Apache-2.0
#include "evidence_world.hpp"

#include <chrono>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto archive = "local:backup/vzdump-lxc-131-2026_10_01-03_00_00.tar.zst";

auto node_with_backup() -> sim::node
{
    auto node = sim::demo_world(start_of_simulation);
    node.storages.at("local").volumes[archive] =
        sim::volume{.volid = archive,
                    .content = "backup",
                    .format = "tar.zst",
                    .size = std::int64_t{300} << 20U,
                    .ctime = 1'794'000'000,
                    .vmid = 131,
                    .config = "arch: amd64\nmemory: 64\nostype: debian\nrootfs: local-zfs:subvol-131-disk-0,size=1G\n"};
    return node;
}

auto restored(evidence_world& world, bool force = false) -> operate::signed_result
{
    auto params = boost::json::object{{"archive", archive}, {"storage", "local-zfs"}};
    if (force) {
        params["force"] = true;
    }
    return world.submit("guest.restore", force ? 103 : 131, params);
}

auto restore_where(decltype(sim::fault::what) what) -> evidence_world
{
    auto node = node_with_backup();
    node.faults.push_back({.method = "POST", .path = "*/lxc", .what = std::move(what)});
    return evidence_world{std::move(node)};
}

} // namespace

TEST_CASE("a restore to a new number whose call was lost is not begun, which is known once its task had to be listed")
{
    auto world = restore_where(sim::fault_kind::drops_before_apply{});
    const auto before = world.now();
    const auto result = restored(world);
    INFO(result.detail);
    CHECK(text_of(result.state) == "failed");
    CHECK(result.detail.starts_with("not begun: the node has no task of it, and the guest is not there"));
    CHECK(world.now() - before >= 60s);
}

TEST_CASE("a restore to a new number whose answer alone was lost is done")
{
    auto world = restore_where(sim::fault_kind::drops_after_apply{});
    const auto result = restored(world);
    INFO(result.detail);
    CHECK(text_of(result.state) == "succeeded");
    CHECK(world.node().effects_of(131, "restore") == 1);
}

TEST_CASE("a restore that comes late, behind the proxy that gave up, is waited for")
{
    auto world = restore_where(sim::fault_kind::gateway_timeout{.effect_after = 20s});
    CHECK(text_of(restored(world).state) == "succeeded");
    CHECK(world.node().effects_of(131, "restore") == 1);
}

TEST_CASE("where a list of tasks is not readable, a lost restore to a new number stays unknown")
{
    for (const auto* const list : {"source=active", "limit=200"}) {
        auto world = restore_where(sim::fault_kind::drops_before_apply{});
        world.instead = [&](const proxmox::request& call) -> std::optional<net::exchanged> {
            const auto& target = call.target();
            const auto is_it = target.find("/tasks?") != std::string::npos && target.find(list) != std::string::npos;
            return is_it ? std::optional{answered(call, 500, "unable to read the list")} : std::nullopt;
        };
        CHECK(text_of(restored(world).state) == "unknown");
    }
}

TEST_CASE("a lost restore over a guest that is there stays unknown, since nothing tells the two guests apart")
{
    auto world = restore_where(sim::fault_kind::drops_before_apply{});
    CHECK(text_of(restored(world, /*force=*/true).state) == "unknown");
}

TEST_CASE("a restore to a new number that the node refuses has failed")
{
    auto world = restore_where(sim::fault_kind::answers{.status = 500, .reason = "storage 'local-zfs' does not exist"});
    const auto result = restored(world);
    INFO(result.detail);
    CHECK(text_of(result.state) == "failed");
}
