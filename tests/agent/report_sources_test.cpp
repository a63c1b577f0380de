// SPDX-License-Identifier: Apache-2.0
#include "agent/hub/report_sources.hpp"
#include "support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace felhom;

namespace {

auto deaf_world() -> agent::node_io
{
    return {.exchange =
                [](const std::vector<proxmox::request>& all) {
                    return std::vector<net::exchanged>(
                        all.size(),
                        tl::unexpected(net::transport_error{
                            .what = net::transport_error::kind::untrusted, .maybe_sent = false, .detail = ""}));
                },
            .now = [] { return instant{}; },
            .sleep_for = [](std::chrono::milliseconds) {}};
}

/// A host on which every program runs as `run` says.
auto host_with(host_tools::run run) -> agent::report_sources
{
    return {.of = {.host = host_id::parse("host-1").value(),
                   .agent_version = "0.1.0",
                   .node = node_name::parse("pve1").value(),
                   .temperatures = true},
            .in = deaf_world(),
            .run = std::move(run),
            .own =
                [] {
                    return hub::own_observations{
                        .audit_tail = {.at = {}, .result = hub::audit_tail{}},
                        .unknown_operations = {.at = {}, .result = std::vector<hub::unknown_operation>{}},
                        .last_pass = {},
                        .clock_synchronized = true};
                },
            .disks = [] { return std::vector{host_tools::disk_device::parse("/dev/sda").value()}; },
            .tunnel = nullptr};
}

auto says(std::string text) -> host_tools::run
{
    return
        [text = std::move(text)](const host_tools::command&) -> tl::expected<host_tools::finished, host_tools::error> {
            return host_tools::finished{.exit_code = 0, .out = text, .err = ""};
        };
}

} // namespace

TEST_CASE("each disk is asked for its health, and one that cannot be asked does not hide the others")
{
    auto from = host_with([](const host_tools::command& made) -> tl::expected<host_tools::finished, host_tools::error> {
        if (made.argv().back() == "/dev/sda") {
            return host_tools::finished{.exit_code = 0, .out = R"({"smart_status":{"passed":true}})", .err = ""};
        }
        return tl::unexpected<host_tools::error>(
            host_tools::cannot_start{.program = made.argv().front(), .reason = "not there"});
    });
    from.disks = [] {
        return std::vector{host_tools::disk_device::parse("/dev/sda").value(),
                           host_tools::disk_device::parse("/dev/sdb").value()};
    };
    const auto seen = collect(from);
    REQUIRE(seen.disks.result.has_value());
    REQUIRE(seen.disks.result->size() == 2);
    CHECK(seen.disks.result->at(0).second->health == host_tools::disk_health::passed);
    CHECK_FALSE(seen.disks.result->at(1).second.has_value());
}

TEST_CASE("why no disk was asked is told")
{
    auto from = host_with(says("{}"));
    from.disks = [] { return tl::unexpected(hub::source_error{hub::source_error::kind::not_collected, "needs root"}); };
    CHECK(collect(from).disks.result.error().detail == "needs root");
}

TEST_CASE("temperatures are read where they are wanted, and not where not")
{
    auto from = host_with(says(R"({"coretemp-isa-0000":{"Package id 0":{"temp1_input":41.0}}})"));
    from.disks = [] { return std::vector<host_tools::disk_device>{}; };
    const auto seen = collect(from).temperatures;
    REQUIRE(seen.result.has_value());
    REQUIRE(seen.result->all.size() == 1);
    CHECK(seen.result->all.front().celsius == 41.0);
    from.of.temperatures = false;
    CHECK(collect(from).temperatures.result.error().what == hub::source_error::kind::not_collected);
}

TEST_CASE("cloudflared's tunnel is asked for where it is configured")
{
    auto from = host_with(says("active\n"));
    CHECK_FALSE(collect(from).tunnel.has_value());
    from.tunnel = [] { return hub::tunnel_readiness{.ready = true, .connections = 4}; };
    CHECK(collect(from).tunnel->result->connections == 4);
}

TEST_CASE("the disks are those behind which stands a device, in order")
{
    const auto root = std::filesystem::temp_directory_path() / ("felhom-sys-block-" + std::to_string(::getpid()));
    for (const auto* const name :
         {"sdb/device", "sda/device", "nvme0n1/device", "loop0", "dm-1", "zd16", "sr0/device"}) {
        std::filesystem::create_directories(root / name);
    }
    const auto found = agent::disks_in(root.string());
    std::filesystem::remove_all(root);
    REQUIRE(found.has_value());
    auto names = std::vector<std::string>{};
    for (const auto& disk : *found) {
        names.push_back(disk.text());
    }
    CHECK(names == std::vector<std::string>{"/dev/nvme0n1", "/dev/sda", "/dev/sdb"});
    CHECK(agent::disks_in("/nowhere").error().what == hub::source_error::kind::failed);
}

TEST_CASE("boot partitions, hidden paths and drives without a medium are no disks")
{
    const auto root = std::filesystem::temp_directory_path() / ("felhom-sys-none-" + std::to_string(::getpid()));
    const auto device = [&](const char* name, const char* hidden, const char* size) {
        std::filesystem::create_directories(root / name / "device");
        std::ofstream{root / name / "hidden"} << hidden << '\n';
        std::ofstream{root / name / "size"} << size << '\n';
        std::ofstream{root / name / "removable"} << (std::string_view{name} == "sdc" ? "1\n" : "0\n");
    };
    device("mmcblk0", "0", "61071360");
    device("mmcblk0boot0", "0", "8192");
    device("mmcblk0boot1", "0", "8192");
    device("nvme0n1", "0", "2000409264");
    device("nvme0c0n1", "1", "2000409264");
    device("sdc", "0", "0");
    const auto found = agent::disks_in(root.string());
    std::filesystem::remove_all(root);
    REQUIRE(found.has_value());
    auto names = std::vector<std::string>{};
    for (const auto& disk : *found) {
        names.push_back(disk.text());
    }
    CHECK(names == std::vector<std::string>{"/dev/mmcblk0", "/dev/nvme0n1"});
}

TEST_CASE("a disk that cannot be looked at is an error, and ends nothing")
{
    const auto root = std::filesystem::temp_directory_path() / ("felhom-sys-loop-" + std::to_string(::getpid()));
    std::filesystem::create_directories(root);
    std::filesystem::create_symlink(root / "sda", root / "sda");
    const auto found = agent::disks_in(root.string());
    std::filesystem::remove_all(root);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().what == hub::source_error::kind::failed);
}
