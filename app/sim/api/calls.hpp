// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/api/answer.hpp"
#include "sim/api/parameters.hpp"
#include "sim/node/node.hpp"

#include <string>
#include <string_view>

namespace felhom::sim {

/// One call that has passed authentication, permission and parameter checks.
struct call {
    node& on;
    const identity& by;
    const parameters& given;

    [[nodiscard]] auto vmid() const -> guest_id { return static_cast<guest_id>(given.number("vmid", 0)); }
    [[nodiscard]] auto may(const std::string& path, std::string_view privilege) const -> bool
    {
        return on.access.grants(by, path, privilege);
    }
    [[nodiscard]] auto require(const std::string& path, std::vector<std::string> privileges, bool any = false) const
        -> tl::expected<void, refusal>
    {
        return on.access.require(by, {.path = path, .privileges = std::move(privileges), .any = any});
    }
    /// The guest of the call, or PVE's way of saying that there is none.
    [[nodiscard]] auto guest_here() const -> tl::expected<guest*, refusal>;
};

using handler = answer (*)(const call&);

/// The function behind "GET /nodes/{node}/lxc", or none.
[[nodiscard]] auto find_handler(const std::string& method_and_path) -> handler;

[[nodiscard]] auto vms_path(guest_id vmid) -> std::string;
[[nodiscard]] auto no_such_guest(const node& on, guest_id vmid) -> std::string;
[[nodiscard]] auto lock_timeout_text(guest_id vmid) -> std::string;

// read_calls.cpp
[[nodiscard]] auto version(const call& c) -> answer;
[[nodiscard]] auto list_nodes(const call& c) -> answer;
[[nodiscard]] auto node_status(const call& c) -> answer;
[[nodiscard]] auto list_guests(const call& c) -> answer;
[[nodiscard]] auto guest_status(const call& c) -> answer;
[[nodiscard]] auto guest_config(const call& c) -> answer;
[[nodiscard]] auto guest_pending(const call& c) -> answer;
[[nodiscard]] auto guest_interfaces(const call& c) -> answer;
[[nodiscard]] auto cluster_resources(const call& c) -> answer;
[[nodiscard]] auto list_disks(const call& c) -> answer;
[[nodiscard]] auto cluster_status(const call& c) -> answer;
[[nodiscard]] auto cluster_options(const call& c) -> answer;
[[nodiscard]] auto next_id(const call& c) -> answer;
[[nodiscard]] auto permissions(const call& c) -> answer;
[[nodiscard]] auto access_list(const call& c) -> answer;

// config_calls.cpp
[[nodiscard]] auto put_config(const call& c) -> answer;

// power_calls.cpp
/// Starts a worker on the guest of the call and answers its UPID.
[[nodiscard]] auto started(const call& c, std::string type, any_job work) -> answer;
[[nodiscard]] auto start_guest(const call& c) -> answer;
[[nodiscard]] auto stop_guest(const call& c) -> answer;
[[nodiscard]] auto shutdown_guest(const call& c) -> answer;
[[nodiscard]] auto reboot_guest(const call& c) -> answer;
[[nodiscard]] auto suspend_guest(const call& c) -> answer;
[[nodiscard]] auto resume_guest(const call& c) -> answer;

// snapshot_calls.cpp
[[nodiscard]] auto list_snapshots(const call& c) -> answer;
[[nodiscard]] auto take_snapshot(const call& c) -> answer;
[[nodiscard]] auto snapshot_index(const call& c) -> answer;
[[nodiscard]] auto snapshot_config(const call& c) -> answer;
[[nodiscard]] auto describe_snapshot(const call& c) -> answer;
[[nodiscard]] auto roll_back(const call& c) -> answer;
[[nodiscard]] auto delete_snapshot(const call& c) -> answer;
[[nodiscard]] auto guest_feature(const call& c) -> answer;

// storage_calls.cpp
[[nodiscard]] auto storage_table(const call& c) -> answer;
[[nodiscard]] auto list_storages(const call& c) -> answer;
[[nodiscard]] auto storage_status(const call& c) -> answer;
[[nodiscard]] auto list_content(const call& c) -> answer;
[[nodiscard]] auto volume_attributes(const call& c) -> answer;
[[nodiscard]] auto change_volume(const call& c) -> answer;
[[nodiscard]] auto delete_volume(const call& c) -> answer;
[[nodiscard]] auto extract_config(const call& c) -> answer;
[[nodiscard]] auto prune_preview(const call& c) -> answer;

// lifecycle_calls.cpp
[[nodiscard]] auto create_guest(const call& c) -> answer;
[[nodiscard]] auto destroy_guest(const call& c) -> answer;
[[nodiscard]] auto resize_disk(const call& c) -> answer;
[[nodiscard]] auto back_up(const call& c) -> answer;

// task_calls.cpp
[[nodiscard]] auto list_tasks(const call& c) -> answer;
[[nodiscard]] auto list_cluster_tasks(const call& c) -> answer;
[[nodiscard]] auto task_index(const call& c) -> answer;
[[nodiscard]] auto task_status(const call& c) -> answer;
[[nodiscard]] auto task_log(const call& c) -> answer;
[[nodiscard]] auto stop_task(const call& c) -> answer;

// qemu_calls.cpp
[[nodiscard]] auto list_machines(const call& c) -> answer;
[[nodiscard]] auto machine_config(const call& c) -> answer;
[[nodiscard]] auto machine_pending(const call& c) -> answer;
[[nodiscard]] auto machine_status(const call& c) -> answer;
[[nodiscard]] auto start_machine(const call& c) -> answer;
[[nodiscard]] auto machine_resource(const node& on, guest_id vmid) -> json::object;

// surroundings.cpp
[[nodiscard]] auto surroundings(std::string_view method_and_path) -> const json::value*;

} // namespace felhom::sim
