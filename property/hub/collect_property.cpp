// SPDX-License-Identifier: Apache-2.0
#include "sim/node/demo_world.hpp"
#include "support/catch.hpp"
#include "support/simulated_world.hpp"

#include <felhom/hub/report/collect_observations.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::testing;

namespace {

/// Performs what collecting a report asks for, on a simulated node whose host has one disk and no other program.
struct collecting_world : agent::reading_interpreter {
    explicit collecting_world(const agent::node_io& in) : agent::reading_interpreter{in} {}

    using agent::reading_interpreter::operator();

    [[nodiscard]] auto operator()(const operate::read_clock& /*asked*/) const -> instant { return node.now(); }
    [[nodiscard]] auto operator()(const hub::run_tool& wanted) const -> hub::run_tool::answer
    {
        return tl::unexpected<host_tools::error>(
            host_tools::cannot_start{.program = wanted.call.argv().front(), .reason = "not there"});
    }
    [[nodiscard]] auto operator()(const hub::list_disks& /*asked*/) const -> hub::list_disks::answer
    {
        return std::vector{host_tools::disk_device::parse("/dev/sda").value()};
    }
    [[nodiscard]] auto operator()(const hub::ask_tunnel& /*asked*/) const -> hub::ask_tunnel::answer
    {
        return std::nullopt;
    }
    [[nodiscard]] auto operator()(const hub::observe_self& /*asked*/) const -> hub::own_observations
    {
        return {.audit_tail = {.at = {}, .result = hub::audit_tail{}},
                .unknown_operations = {.at = {}, .result = std::vector<hub::unknown_operation>{}},
                .last_pass = {},
                .clock_synchronized = true};
    }
};

auto report_of_pve1() -> hub::collecting<hub::host_observations>
{
    return hub::collect_observations({.host = *host_id::parse("host-1"),
                                      .agent_version = "0.1.0",
                                      .node = *node_name::parse("pve1"),
                                      .temperatures = true});
}

auto whole_report(simulated_world& from) -> hub::host_report
{
    const auto in = from.view();
    return hub::make_host_report(agent::run(report_of_pve1(), collecting_world{in})).value();
}

/// Whether it ended before it could be dropped there.
auto drop_after(std::size_t effects, simulated_world& from) -> bool
{
    auto work = report_of_pve1();
    const auto in = from.view();
    const auto perform = collecting_world{in};
    for (auto made = std::size_t{0}; made < effects && work.pending() != nullptr; ++made) {
        work.step(perform);
    }
    return work.pending() == nullptr;
}

auto asked_for(simulated_world& world, const std::string& end) -> bool
{
    return std::ranges::any_of(world.node().requests,
                               [&](const auto& request) { return request.target.ends_with(end); });
}

} // namespace

TEST_CASE("whatever effect of collecting a report is the last, the node is only read, and the next report is whole")
{
    auto undisturbed = simulated_world{sim::demo_world(start_of_simulation)};
    const auto expected = whole_report(undisturbed);
    auto world = simulated_world{sim::demo_world(start_of_simulation)};
    auto effects = std::size_t{0};
    while (!drop_after(effects, world)) {
        ++effects;
    }
    CHECK(effects > 8);
    CHECK(whole_report(world) == expected);
    CHECK(std::ranges::all_of(world.node().requests, [](const auto& request) { return request.method == "GET"; }));
}

TEST_CASE("the cluster's guests are asked for where the node's own list cannot be had, and only there")
{
    auto world = simulated_world{sim::demo_world(start_of_simulation)};
    static_cast<void>(whole_report(world));
    CHECK_FALSE(asked_for(world, "/cluster/resources?type=vm"));
    world.node().faults.push_back(
        {.method = "GET", .path = "*/lxc", .what = sim::fault_kind::answers{500, "odd"}, .times = 99});
    static_cast<void>(whole_report(world));
    CHECK(asked_for(world, "/cluster/resources?type=vm"));
}

TEST_CASE(
    "of a storage's backups those count that it may hold: of an enabled one, and of one that is not active nothing "
    "is known")
{
    const auto storage = [](const std::string& id, bool enabled, bool active, std::string content) {
        auto made = proxmox::node_storage{.id = *proxmox::storage_id::parse(id), .status = {}};
        made.status.enabled = enabled;
        made.status.active = active;
        made.status.content = {std::move(content)};
        return made;
    };
    const auto found = hub::detail::backup_storages_in(
        {storage("used", true, true, "backup"), storage("away", true, false, "backup"),
         storage("disabled", false, true, "backup"), storage("images", true, true, "images")});
    REQUIRE(found.to_ask.size() == 1);
    CHECK(found.to_ask.front().id.text() == "used");
    REQUIRE(found.not_active.size() == 1);
    CHECK(found.not_active.front().id.text() == "away");
}
