// SPDX-License-Identifier: Apache-2.0
#include "sim/api/calls.hpp"
#include "sim/api/schema_text.hpp"

#include <boost/json/parse.hpp>

#include <map>

namespace felhom::sim {

auto surroundings(std::string_view method_and_path) -> const json::value*
{
    static const auto all =
        json::parse({schema_text::surroundings.data(), schema_text::surroundings.size()}).as_object();
    return all.if_contains(method_and_path);
}

auto find_handler(const std::string& method_and_path) -> handler
{
    static const auto handlers = std::map<std::string, handler, std::less<>>{
        {"GET /version", version},
        {"GET /nodes/{node}/version", version},
        {"GET /nodes", list_nodes},
        {"GET /nodes/{node}/status", node_status},
        {"GET /nodes/{node}/lxc", list_guests},
        {"GET /nodes/{node}/lxc/{vmid}/status/current", guest_status},
        {"GET /nodes/{node}/lxc/{vmid}/config", guest_config},
        {"GET /nodes/{node}/lxc/{vmid}/pending", guest_pending},
        {"GET /nodes/{node}/lxc/{vmid}/interfaces", guest_interfaces},
        {"GET /nodes/{node}/lxc/{vmid}/feature", guest_feature},
        {"GET /cluster/resources", cluster_resources},
        {"GET /cluster/nextid", next_id},
        {"GET /cluster/options", cluster_options},
        {"GET /cluster/status", cluster_status},
        {"GET /nodes/{node}/disks/list", list_disks},
        {"GET /cluster/tasks", list_cluster_tasks},
        {"GET /access/permissions", permissions},
        {"GET /access/acl", access_list},
        {"PUT /nodes/{node}/lxc/{vmid}/config", put_config},
        {"POST /nodes/{node}/lxc/{vmid}/status/start", start_guest},
        {"POST /nodes/{node}/lxc/{vmid}/status/stop", stop_guest},
        {"POST /nodes/{node}/lxc/{vmid}/status/shutdown", shutdown_guest},
        {"POST /nodes/{node}/lxc/{vmid}/status/reboot", reboot_guest},
        {"POST /nodes/{node}/lxc/{vmid}/status/suspend", suspend_guest},
        {"POST /nodes/{node}/lxc/{vmid}/status/resume", resume_guest},
        {"GET /nodes/{node}/lxc/{vmid}/snapshot", list_snapshots},
        {"POST /nodes/{node}/lxc/{vmid}/snapshot", take_snapshot},
        {"GET /nodes/{node}/lxc/{vmid}/snapshot/{snapname}", snapshot_index},
        {"DELETE /nodes/{node}/lxc/{vmid}/snapshot/{snapname}", delete_snapshot},
        {"GET /nodes/{node}/lxc/{vmid}/snapshot/{snapname}/config", snapshot_config},
        {"PUT /nodes/{node}/lxc/{vmid}/snapshot/{snapname}/config", describe_snapshot},
        {"POST /nodes/{node}/lxc/{vmid}/snapshot/{snapname}/rollback", roll_back},
        {"GET /storage", storage_table},
        {"GET /nodes/{node}/storage", list_storages},
        {"GET /nodes/{node}/storage/{storage}/status", storage_status},
        {"GET /nodes/{node}/storage/{storage}/content", list_content},
        {"GET /nodes/{node}/storage/{storage}/content/{volume}", volume_attributes},
        {"PUT /nodes/{node}/storage/{storage}/content/{volume}", change_volume},
        {"DELETE /nodes/{node}/storage/{storage}/content/{volume}", delete_volume},
        {"GET /nodes/{node}/storage/{storage}/prunebackups", prune_preview},
        {"GET /nodes/{node}/vzdump/extractconfig", extract_config},
        {"POST /nodes/{node}/vzdump", back_up},
        {"POST /nodes/{node}/lxc", create_guest},
        {"DELETE /nodes/{node}/lxc/{vmid}", destroy_guest},
        {"PUT /nodes/{node}/lxc/{vmid}/resize", resize_disk},
        {"GET /nodes/{node}/tasks", list_tasks},
        {"GET /nodes/{node}/tasks/{upid}", task_index},
        {"DELETE /nodes/{node}/tasks/{upid}", stop_task},
        {"GET /nodes/{node}/tasks/{upid}/status", task_status},
        {"GET /nodes/{node}/tasks/{upid}/log", task_log},
        {"GET /nodes/{node}/qemu", list_machines},
        {"GET /nodes/{node}/qemu/{vmid}/config", machine_config},
        {"GET /nodes/{node}/qemu/{vmid}/pending", machine_pending},
        {"GET /nodes/{node}/qemu/{vmid}/status/current", machine_status},
        {"POST /nodes/{node}/qemu/{vmid}/status/start", start_machine},
    };
    const auto found = handlers.find(method_and_path);
    return found == handlers.end() ? nullptr : found->second;
}

} // namespace felhom::sim
