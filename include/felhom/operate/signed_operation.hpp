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

    friend auto operator==(const guest_destroy&, const guest_destroy&) -> bool = default;
};

/// Returns the guest to a snapshot: what was written since is lost.
struct guest_rollback {
    proxmox::snapshot_name snapshot;
    bool start = false; ///< afterwards

    friend auto operator==(const guest_rollback&, const guest_rollback&) -> bool = default;
};

struct guest_delete_snapshot {
    proxmox::snapshot_name snapshot;

    friend auto operator==(const guest_delete_snapshot&, const guest_delete_snapshot&) -> bool = default;
};

/// Makes the guest out of a backup; with force, in the place of the one that is there.
struct guest_restore {
    proxmox::volume_id archive;
    std::optional<proxmox::storage_id> storage; ///< where the volumes go; nothing: Proxmox VE's choice
    bool force = false;
    bool unique = false; ///< with new MAC addresses

    friend auto operator==(const guest_restore&, const guest_restore&) -> bool = default;
};

struct guest_set_config {
    proxmox::config_changes changes;

    friend auto operator==(const guest_set_config&, const guest_set_config&) -> bool = default;
};

/// Kills the guest's processes.
struct guest_stop {
    friend auto operator==(const guest_stop&, const guest_stop&) -> bool = default;
};

struct backup_delete {
    proxmox::volume_id volid;

    friend auto operator==(const backup_delete&, const backup_delete&) -> bool = default;
};

/// Everything that an operator can sign.
using signed_operation = std::variant<guest_destroy, guest_rollback, guest_delete_snapshot, guest_restore,
                                      guest_set_config, guest_stop, backup_delete>;

} // namespace felhom::operate
