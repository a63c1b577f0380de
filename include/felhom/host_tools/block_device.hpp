// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>

#include <algorithm>
#include <string>
#include <string_view>

// Which of the kernel's block devices are disks.
namespace felhom::host_tools {

/// What /sys/block says of one. A file that is not there, or cannot be read, is empty.
struct block_device {
    std::string name;
    bool has_device = false; ///< `device` is there; of what the kernel makes up (loop, dm, md, zd, zram) none has one
    std::string hidden = {}; ///< "1" of a path of multipath NVMe, which has no file in /dev (Linux, block/genhd.c)
    std::string size = {};   ///< "0" of a drive without a medium, and of a disk that failed so far
    std::string removable = {}; ///< "1" of a drive whose medium can be taken out
};

/// An eMMC shows its boot partitions beside itself ("mmcblk0boot0"), and none of them is a disk.
[[nodiscard]] constexpr auto is_part_of_emmc(std::string_view name) -> bool
{
    constexpr auto prefix = std::string_view{"mmcblk"};
    return name.starts_with(prefix) && !std::ranges::all_of(name.substr(prefix.size()), ascii::is_digit);
}

/// Whether it is a disk whose health can be asked for.
[[nodiscard]] inline auto is_disk(const block_device& device) -> bool
{
    const auto is_optical = device.name.starts_with("sr");
    const auto lacks_medium = device.size == "0" && device.removable == "1";
    return device.has_device && device.hidden != "1" && !lacks_medium && !is_optical && !is_part_of_emmc(device.name);
}

} // namespace felhom::host_tools
