// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/net/call_line.hpp>
#include <felhom/proxmox/api/api_path.hpp>
#include <felhom/proxmox/api/form.hpp>
#include <felhom/proxmox/api/mutate.hpp>
#include <felhom/proxmox/api/percent_encoding.hpp>
#include <felhom/proxmox/api/request.hpp>
#include <felhom/proxmox/api/single_call.hpp>
#include <felhom/proxmox/model/config_changes.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/proxmox/model/created_snapshot.hpp>
#include <felhom/proxmox/model/left_snapshot.hpp>
#include <felhom/proxmox/model/snapshot_name.hpp>
#include <felhom/proxmox/model/volume_id.hpp>

#include <string>
#include <utility>

namespace felhom::operate {
class gate; // makes the requests below out of an operation that an operator signed
} // namespace felhom::operate

namespace felhom::proxmox {

/// The requests that take something away for good, each to be sent once. Nobody can write one down but the gate; three
/// are open to everyone who holds the proof that only a snapshot of a self-test of ours is at stake.
class destructive {
public:
    /// Returns a guest to a snapshot that this run made.
    [[nodiscard]] static auto rollback(untouched_snapshot&& ours) -> single_call
    {
        const auto made = std::move(ours).given_up();
        return rollback(made.node(), made.guest(), made.name(), /*start_after=*/false);
    }

    /// Deletes a snapshot that this run made.
    [[nodiscard]] static auto delete_snapshot(untouched_snapshot&& ours) -> single_call
    {
        const auto made = std::move(ours).given_up();
        return delete_snapshot(made.node(), made.guest(), made.name());
    }

    /// Deletes a snapshot that an earlier self-test left.
    [[nodiscard]] static auto delete_snapshot(const left_snapshot& ours) -> single_call
    {
        return delete_snapshot(ours.node(), ours.guest(), ours.name());
    }

private:
    friend class operate::gate;

    /// Deletes a stopped guest with its volumes. `purge` also takes it out of backup jobs, replication and HA;
    /// `unreferenced` also deletes volumes that carry its number and that no configuration names.
    [[nodiscard]] static auto destroy(const node_name& node, vmid id, bool purge, bool unreferenced) -> single_call
    {
        return once({net::http_method::del,
                     api_path::of(node, id) + "?"
                         + form{}.with("purge", purge).with("destroy-unreferenced-disks", unreferenced).text(),
                     {}});
    }

    /// Returns a guest to a snapshot: what was written since is lost.
    [[nodiscard]] static auto rollback(const node_name& node, vmid id, const snapshot_name& name, bool start_after)
        -> single_call
    {
        return once({net::http_method::post, api_path::of(node, id, name) + "/rollback",
                     form{}.with("start", start_after).text()});
    }

    [[nodiscard]] static auto delete_snapshot(const node_name& node, vmid id, const snapshot_name& name) -> single_call
    {
        return once({net::http_method::del, api_path::of(node, id, name), {}});
    }

    /// Replaces a stopped guest by the contents of a backup. Its volumes go before the archive is unpacked.
    [[nodiscard]] static auto restore_over(const node_name& node, vmid id, const restore_options& options)
        -> single_call
    {
        return once(
            {net::http_method::post, api_path::of(node) + "/lxc", restore_form(id, options, /*force=*/true).text()});
    }

    /// Changes a configuration in any way that a token may, if it still has the digest it was read with.
    [[nodiscard]] static auto set_config(const node_name& node, vmid id, const config_changes& changes,
                                         const config_digest& digest) -> single_call
    {
        return once({net::http_method::put, api_path::of(node, id) + "/config", config_form(changes, digest).text()});
    }

    /// Deletes a backup. Proxmox VE refuses a protected one, inside the task.
    [[nodiscard]] static auto delete_backup(const node_name& node, const volume_id& backup) -> single_call
    {
        return once({net::http_method::del,
                     api_path::of(node, backup.storage()) + "/content/" + percent_encode(backup.text()),
                     {}});
    }

    [[nodiscard]] static auto once(request made) -> single_call { return single_call{std::move(made)}; }
};

} // namespace felhom::proxmox
