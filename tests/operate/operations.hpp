// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/operate/operation/operation.hpp>

#include <cstdint>
#include <variant>
#include <vector>

namespace felhom::testing {

/// An operation of every kind that this version knows, with all that it can say.
[[nodiscard]] inline auto one_of_each_kind() -> std::vector<operate::operation>
{
    using namespace operate;
    static_assert(std::variant_size_v<operation> == 12, "a new operation belongs here");
    const auto snapshot = *proxmox::snapshot_name::parse("before");
    const auto archive = *proxmox::volume_id::parse("local:backup/vzdump-lxc-101-2026_01_31-03_00_01.tar.zst");
    return {
        guest_start{},
        guest_shutdown{.timeout = proxmox::timeout_seconds{60}, .force_stop = true},
        guest_snapshot{snapshot},
        guest_destroy{.purge = true, .destroy_unreferenced = true, .stop = true},
        guest_rollback{.snapshot = snapshot, .start = true},
        guest_delete_snapshot{snapshot},
        guest_restore{.archive = archive, .storage = *proxmox::storage_id::parse("zfs"), .force = true, .unique = true},
        guest_set_config{.set = {{.key = "tags", .value = "b"}, {.key = "protection", .value = "0"}},
                         .remove = {"mp1", "mp0"}},
        guest_stop{},
        guest_resize{.disk = *proxmox::disk_slot::parse("mp0"), .size = proxmox::disk_size{std::uint64_t{128} << 30U}},
        backup_delete{archive},
    };
}

/// The same, saying only what each must.
[[nodiscard]] inline auto least_of_each_kind() -> std::vector<operate::operation>
{
    using namespace operate;
    const auto snapshot = *proxmox::snapshot_name::parse("before");
    const auto archive = *proxmox::volume_id::parse("local:backup/vzdump-lxc-101-2026_01_31-03_00_01.tar.zst");
    return {guest_start{},
            guest_shutdown{},
            guest_snapshot{snapshot},
            guest_destroy{},
            guest_rollback{snapshot},
            guest_stop{},
            guest_delete_snapshot{snapshot},
            guest_restore{.archive = archive},
            guest_set_config{},
            guest_resize{.disk = *proxmox::disk_slot::parse("rootfs"), .size = proxmox::disk_size{1000}},
            backup_delete{archive}};
}

} // namespace felhom::testing
