// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/model/disk.hpp>
#include <felhom/proxmox/model/power_state.hpp>
#include <felhom/proxmox/model/volume_id.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a read can show of a guest once an operation has taken effect. `is_conclusive`: seeing it settles the matter,
// whatever became of the task; not so where it may have been so before. `task_types`: those of the tasks that bring it
// about (pve-container API2/LXC.pm and its subclasses); none where the call starts no task.
namespace felhom::operate {

/// One key with the value it was given; nothing: it was removed.
struct expected_key {
    std::string key;
    std::optional<std::string> value;

    friend auto operator==(const expected_key&, const expected_key&) -> bool = default;
};

struct config_holds {
    std::vector<expected_key> keys;

    static constexpr auto is_conclusive = true;
    static constexpr auto task_types = std::array<std::string_view, 0>{};
    friend auto operator==(const config_holds&, const config_holds&) -> bool = default;
};
/// The types of its tasks hang on the power.
struct guest_is {
    proxmox::power_state power;

    static constexpr auto is_conclusive = true;
    friend auto operator==(const guest_is&, const guest_is&) -> bool = default;
};
struct guest_gone {
    static constexpr auto is_conclusive = true;
    static constexpr auto task_types = std::array<std::string_view, 1>{"vzdestroy"};
    friend auto operator==(const guest_gone&, const guest_gone&) -> bool = default;
};
struct guest_made {
    bool is_new = false; ///< there was none of that number before

    static constexpr auto is_conclusive = false; ///< a guest that was restored over another looks like the other
    static constexpr auto task_types = std::array<std::string_view, 1>{"vzrestore"};
    friend auto operator==(const guest_made&, const guest_made&) -> bool = default;
};
struct snapshot_made {
    std::string name;

    static constexpr auto is_conclusive = true;
    static constexpr auto task_types = std::array<std::string_view, 1>{"vzsnapshot"};
    friend auto operator==(const snapshot_made&, const snapshot_made&) -> bool = default;
};
struct snapshot_gone {
    std::string name;

    static constexpr auto is_conclusive = true;
    static constexpr auto task_types = std::array<std::string_view, 1>{"vzdelsnapshot"};
    friend auto operator==(const snapshot_gone&, const snapshot_gone&) -> bool = default;
};
/// The guest goes on from this snapshot.
struct rolled_back_to {
    std::string name;

    static constexpr auto is_conclusive = false; ///< it may have gone on from there before
    static constexpr auto task_types = std::array<std::string_view, 1>{"vzrollback"};
    friend auto operator==(const rolled_back_to&, const rolled_back_to&) -> bool = default;
};
struct backup_gone {
    proxmox::volume_id volid;

    static constexpr auto is_conclusive = true;
    static constexpr auto task_types = std::array<std::string_view, 1>{"imgdel"};
    friend auto operator==(const backup_gone&, const backup_gone&) -> bool = default;
};

/// Of a volume: what the configuration in force says of its size.
struct volume_is_at_least {
    proxmox::disk_slot disk;
    proxmox::disk_size size;

    static constexpr auto is_conclusive = true; ///< nothing grows one that is as large before
    static constexpr auto task_types = std::array<std::string_view, 1>{"resize"};
    friend auto operator==(const volume_is_at_least&, const volume_is_at_least&) -> bool = default;
};

} // namespace felhom::operate
