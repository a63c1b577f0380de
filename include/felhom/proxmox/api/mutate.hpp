// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/api/api_path.hpp>
#include <felhom/proxmox/api/form.hpp>
#include <felhom/proxmox/api/request.hpp>
#include <felhom/proxmox/api/timeout_seconds.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/proxmox/model/disk.hpp>
#include <felhom/proxmox/model/harmless_changes.hpp>
#include <felhom/proxmox/model/snapshot_name.hpp>
#include <felhom/proxmox/model/storage_id.hpp>
#include <felhom/proxmox/model/volume_id.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::proxmox {

struct restore_options {
    volume_id archive;
    std::optional<storage_id> storage = std::nullopt; ///< where the volumes go; nothing: Proxmox VE's choice
    bool new_addresses = false;                       ///< invent new MAC addresses: for a copy beside its original
};

/// The body of a configuration call.
[[nodiscard]] inline auto config_form(const config_changes& changes, const config_digest& digest) -> form
{
    auto body = form{}.with("digest", digest.text());
    auto remove = std::string{};
    for (const auto& key : changes.remove()) {
        remove += (remove.empty() ? "" : ",") + key;
    }
    if (!remove.empty()) {
        body = std::move(body).with("delete", remove);
    }
    for (const auto& entry : changes.set()) {
        body = std::move(body).with(entry.key, entry.value);
    }
    return body;
}

/// The body of a call that makes a guest out of a backup.
[[nodiscard]] inline auto restore_form(vmid id, const restore_options& options, bool force) -> form
{
    auto body = form{}.with("vmid", id.text()).with("ostemplate", options.archive.text()).with("restore", true);
    if (force) {
        body = std::move(body).with("force", true);
    }
    if (options.storage) {
        body = std::move(body).with("storage", options.storage->text());
    }
    return std::move(body).with("unique", options.new_addresses);
}

/// Every change that can be undone, or that adds without taking away.
struct mutate {
    [[nodiscard]] static auto start(const node_name& node, vmid id) -> request
    {
        return post(api_path::of(node, id) + "/status/start");
    }

    /// Asks the guest to stop. When the time is over the task fails and the guest runs on, unless force_stop.
    [[nodiscard]] static auto shutdown(const node_name& node, vmid id, timeout_seconds timeout, bool force_stop = false)
        -> request
    {
        return post(api_path::of(node, id) + "/status/shutdown",
                    form{}.with("timeout", std::to_string(timeout.count())).with("forceStop", force_stop));
    }

    /// Kills the guest's processes.
    [[nodiscard]] static auto stop(const node_name& node, vmid id) -> request
    {
        return post(api_path::of(node, id) + "/status/stop");
    }

    /// Changes a configuration if it still has the digest it was read with.
    [[nodiscard]] static auto set_config(const node_name& node, vmid id, const harmless_changes& changes,
                                         const config_digest& digest) -> request
    {
        return put(api_path::of(node, id) + "/config", config_form(changes.all(), digest));
    }

    [[nodiscard]] static auto snapshot(const node_name& node, vmid id, const snapshot_name& name,
                                       std::string_view description) -> request
    {
        auto body = form{}.with("snapname", name.text());
        return post(api_path::of(node, id) + "/snapshot",
                    description.empty() ? std::move(body) : std::move(body).with("description", description));
    }

    /// Makes a guest out of a backup under an id that nothing has. `force` is never sent, so that Proxmox VE itself
    /// refuses an id that is taken.
    [[nodiscard]] static auto restore(const node_name& node, vmid free_id, const restore_options& options) -> request
    {
        return post(api_path::of(node) + "/lxc", restore_form(free_id, options, /*force=*/false));
    }

    /// Grows a disk to a size. Proxmox VE refuses to shrink one.
    [[nodiscard]] static auto resize(const node_name& node, vmid id, const disk_slot& disk, disk_size size,
                                     const config_digest& digest) -> request
    {
        return put(api_path::of(node, id) + "/resize",
                   form{}.with("disk", disk.text()).with("size", size.text()).with("digest", digest.text()));
    }

private:
    [[nodiscard]] static auto post(std::string path, form body = {}) -> request
    {
        return {net::http_method::post, std::move(path), std::move(body).text()};
    }
    [[nodiscard]] static auto put(std::string path, form body) -> request
    {
        return {net::http_method::put, std::move(path), std::move(body).text()};
    }
};

} // namespace felhom::proxmox
