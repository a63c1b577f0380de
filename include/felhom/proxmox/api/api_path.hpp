// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/api/percent_encoding.hpp>
#include <felhom/proxmox/model/snapshot_name.hpp>
#include <felhom/proxmox/model/storage_id.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <string>

// Where things are below /api2/json.
namespace felhom::proxmox::api_path {

[[nodiscard]] inline auto of(const node_name& node) -> std::string
{
    return "/nodes/" + percent_encode(node.text());
}
[[nodiscard]] inline auto of(const node_name& node, vmid id) -> std::string
{
    return of(node) + "/lxc/" + id.text();
}
[[nodiscard]] inline auto of(const node_name& node, vmid id, const snapshot_name& name) -> std::string
{
    return of(node, id) + "/snapshot/" + percent_encode(name.text());
}
[[nodiscard]] inline auto of(const node_name& node, const storage_id& storage) -> std::string
{
    return of(node) + "/storage/" + percent_encode(storage.text());
}
[[nodiscard]] inline auto of(const upid& task) -> std::string
{
    return of(task.node()) + "/tasks/" + percent_encode(task.text());
}

} // namespace felhom::proxmox::api_path
