#pragma once

#include <felhom/proxmox/config_changes.hpp>
#include <felhom/proxmox/snapshot_name.hpp>
#include <felhom/proxmox/storage_id.hpp>
#include <felhom/proxmox/volume_id.hpp>

#include <optional>
#include <string_view>
#include <variant>

namespace felhom::operate {

/// Deletes the guest and its volumes.
struct guest_destroy {
    bool purge = false;                ///< also from backup jobs, replication and HA
    bool destroy_unreferenced = false; ///< also volumes that carry its number and that no configuration names
    bool stop = false;                 ///< a running guest is stopped first; without it a running one is left alone

    static constexpr auto is_barred_by_protection = true;
    static constexpr auto needs_unchanged_guest = true;
    friend auto operator==(const guest_destroy&, const guest_destroy&) -> bool = default;
};

/// Returns the guest to a snapshot: what was written since is lost.
struct guest_rollback {
    proxmox::snapshot_name snapshot;
    bool start = false; ///< afterwards

    static constexpr auto is_barred_by_protection = true;
    static constexpr auto needs_unchanged_guest = true;
    static constexpr auto must_not_run = false; ///< it stops the guest by itself
    friend auto operator==(const guest_rollback&, const guest_rollback&) -> bool = default;
};

struct guest_delete_snapshot {
    proxmox::snapshot_name snapshot;

    static constexpr auto is_barred_by_protection = true;
    static constexpr auto needs_unchanged_guest = true;
    static constexpr auto must_not_run = false;
    friend auto operator==(const guest_delete_snapshot&, const guest_delete_snapshot&) -> bool = default;
};

/// Makes the guest out of a backup; with force, in the place of the one that is there.
struct guest_restore {
    proxmox::volume_id archive;
    std::optional<proxmox::storage_id> storage; ///< where the volumes go; nothing: Proxmox VE's choice
    bool force = false;
    bool unique = false; ///< with new MAC addresses

    static constexpr auto is_barred_by_protection = true;
    static constexpr auto needs_unchanged_guest = true;
    static constexpr auto must_not_run = true;
    friend auto operator==(const guest_restore&, const guest_restore&) -> bool = default;
};

struct guest_set_config {
    proxmox::config_changes changes;

    static constexpr auto is_barred_by_protection = false; ///< the operation that drops it must pass
    static constexpr auto needs_unchanged_guest = true;
    static constexpr auto must_not_run = false;
    friend auto operator==(const guest_set_config&, const guest_set_config&) -> bool = default;
};

/// Kills the guest's processes.
struct guest_stop {
    static constexpr auto is_barred_by_protection = false;
    static constexpr auto needs_unchanged_guest = false;
    static constexpr auto must_not_run = false;
    friend auto operator==(const guest_stop&, const guest_stop&) -> bool = default;
};

struct backup_delete {
    proxmox::volume_id volid;

    static constexpr auto is_barred_by_protection = false;
    static constexpr auto needs_unchanged_guest = false;
    static constexpr auto must_not_run = false;
    friend auto operator==(const backup_delete&, const backup_delete&) -> bool = default;
};

// Of each: whether Proxmox VE's protection of the guest and its disks bars it; whether it is for the guest as it is,
// whatever its signer saw of it; whether it is refused while the guest runs.

/// Everything that an operator can sign.
using signed_operation = std::variant<guest_destroy, guest_rollback, guest_delete_snapshot, guest_restore,
                                      guest_set_config, guest_stop, backup_delete>;

} // namespace felhom::operate
