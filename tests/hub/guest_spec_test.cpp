// SPDX-License-Identifier: Apache-2.0
#include "hub/observations.hpp"

#include <felhom/hub/report/guest_report.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::hub;

namespace {

using entries = std::vector<proxmox::config_entry>; // sorted by key

auto spec(entries config) -> guest_spec
{
    const auto made = spec_of(proxmox::guest_config{.entries = std::move(config), .digest = {}, .lxc = {}});
    REQUIRE(made.has_value());
    return *made;
}

} // namespace

TEST_CASE("a spec is read out of a configuration, in bytes, with what the absence of its keys means")
{
    CHECK(spec({})
          == guest_spec{.cores = std::nullopt,
                        .memory = 536'870'912,
                        .swap = 536'870'912,
                        .disk = std::nullopt,
                        .onboot = false,
                        .is_protected = false,
                        .unprivileged = false,
                        .tags = {}});
    CHECK(spec({{"cores", "2"},
                {"memory", "1024"},
                {"onboot", "1"},
                {"protection", "1"},
                {"rootfs", "local-lvm:vm-101-disk-0,size=8G"},
                {"swap", "0"},
                {"tags", "b;a, c"},
                {"unprivileged", "1"}})
          == guest_spec{.cores = 2,
                        .memory = 1'073'741'824,
                        .swap = 0,
                        .disk = 8'589'934'592,
                        .onboot = true,
                        .is_protected = true,
                        .unprivileged = true,
                        .tags = {"b", "a", "c"}});
}

TEST_CASE("the spec is what is in force, not what waits for a restart")
{
    const auto made =
        spec_of(proxmox::pending_config{.entries = {{.key = "cores", .value = std::nullopt, .pending = "4"},
                                                    {.key = "memory", .value = "256", .pending = "2048"}}});
    REQUIRE(made.has_value());
    CHECK(made->cores == std::nullopt);
    CHECK(made->memory == 268'435'456);
}

TEST_CASE("sizes of disks are read in every unit, and one that is none is not known")
{
    const auto disk_of = [](const std::string& size) { return spec({{"rootfs", "local:1,size=" + size}}).disk; };
    CHECK(disk_of("512") == 512U);
    CHECK(disk_of("4K") == 4096U);
    CHECK(disk_of("3M") == 3'145'728U);
    CHECK(disk_of("2T") == 2'199'023'255'552U);
    CHECK(disk_of("8.5G") == 9'126'805'504U);
    CHECK(disk_of("0.1K") == 102U);
    CHECK(disk_of("99999999T") == std::nullopt);
    CHECK(disk_of("99999999.5T") == std::nullopt);
    CHECK(disk_of(".5G") == std::nullopt);
    CHECK(disk_of("G") == std::nullopt);
    CHECK(disk_of("-1G") == std::nullopt);
    CHECK(spec({{"rootfs", "local:1"}}).disk == std::nullopt);
    CHECK(spec({{"rootfs", ",,"}}).disk == std::nullopt);
}

TEST_CASE("a configuration with a number that is none has no spec")
{
    const auto refused = [](const std::string& key, const std::string& value) {
        return spec_of(proxmox::guest_config{.entries = {{key, value}}, .digest = {}, .lxc = {}});
    };
    using result = tl::expected<guest_spec, source_error>;
    CHECK(refused("memory", "much")
          == result{
              tl::unexpected(source_error{source_error::kind::unreadable, "memory is 'much', which is no number"})});
    CHECK(refused("swap", "")
          == result{tl::unexpected(source_error{source_error::kind::unreadable, "swap is '', which is no number"})});
    CHECK_FALSE(refused("cores", "1.5").has_value());
    CHECK(spec({{"memory", "17592186044415"}}).memory == 18'446'744'073'708'503'040U);
    CHECK_FALSE(refused("memory", "17592186044416").has_value()); // more bytes than 64 bits can tell
}
