// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/net/call_line.hpp>
#include <felhom/proxmox/api/api_path.hpp>
#include <felhom/proxmox/api/form.hpp>
#include <felhom/proxmox/api/question.hpp>
#include <felhom/proxmox/api/reply_node.hpp>
#include <felhom/proxmox/decode/access.hpp>
#include <felhom/proxmox/decode/configuration.hpp>
#include <felhom/proxmox/decode/guests.hpp>
#include <felhom/proxmox/decode/nodes.hpp>
#include <felhom/proxmox/decode/storages.hpp>
#include <felhom/proxmox/decode/tasks.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/model/acl_entry.hpp>
#include <felhom/proxmox/model/acl_path.hpp>
#include <felhom/proxmox/model/cluster_options.hpp>
#include <felhom/proxmox/model/guest_config.hpp>
#include <felhom/proxmox/model/guest_feature.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/model/node_status.hpp>
#include <felhom/proxmox/model/partial_list.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/proxmox/model/permissions.hpp>
#include <felhom/proxmox/model/snapshot_list.hpp>
#include <felhom/proxmox/model/storage.hpp>
#include <felhom/proxmox/model/storage_id.hpp>
#include <felhom/proxmox/model/version.hpp>
#include <felhom/proxmox/model/vm_summary.hpp>
#include <felhom/proxmox/tasks/task_status.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <tl/expected.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::proxmox {

/// What a listing of a storage is narrowed to.
enum class volume_kind { backup, rootdir, vztmpl };

inline constexpr auto volume_kind_words =
    enum_table{std::array{enum_word{volume_kind::backup, "backup"}, enum_word{volume_kind::rootdir, "rootdir"},
                          enum_word{volume_kind::vztmpl, "vztmpl"}}};

/// Every question that the agent asks. None of them changes anything.
struct read {
    /// The version of the node that answers.
    [[nodiscard]] static auto version() -> question<proxmox::version> { return get<&decode_version>("/version"); }

    /// The nodes of the cluster; a single node counts as one.
    [[nodiscard]] static auto nodes() -> question<std::vector<node_summary>>
    {
        return get<&decode_node_list>("/nodes");
    }

    /// Load, memory, uptime and kernel of one node.
    [[nodiscard]] static auto node_status(const node_name& node) -> question<proxmox::node_status>
    {
        return get<&decode_node_status>(api_path::of(node) + "/status");
    }

    /// Where every guest of the cluster is; its figures are some ten seconds old.
    [[nodiscard]] static auto cluster_guests() -> question<partial_list<cluster_guest>>
    {
        return get<&decode_cluster_guests>("/cluster/resources", form{}.with("type", "vm"));
    }

    /// The nodes as the cluster's statistics show them, with the cgroup version that each runs its guests under.
    [[nodiscard]] static auto cluster_nodes() -> question<partial_list<cluster_node>>
    {
        return get<&decode_cluster_nodes>("/cluster/resources", form{}.with("type", "node"));
    }

    /// Whether the cluster has quorum, and its nodes. Needs Sys.Audit on /.
    [[nodiscard]] static auto cluster_status() -> question<std::optional<bool>>
    {
        return get<&decode_quorate>("/cluster/status");
    }

    /// What holds for the whole cluster, as far as this token is shown it.
    [[nodiscard]] static auto cluster_options() -> question<proxmox::cluster_options>
    {
        return get<&decode_cluster_options>("/cluster/options");
    }

    /// What this token may do.
    [[nodiscard]] static auto permissions() -> question<proxmox::permissions>
    {
        return get<&decode_permissions>("/access/permissions");
    }

    /// Who holds which role where, as far as this token is shown it: all of it with Sys.Audit on /access.
    [[nodiscard]] static auto acl() -> question<std::vector<acl_entry>> { return get<&decode_acl>("/access/acl"); }

    /// What this token may do on one path. Asked of all paths, Proxmox VE leaves out those where it may do nothing, and
    /// what comes down from above would seem to hold there (pve-access-control RPCEnvironment.pm).
    [[nodiscard]] static auto permissions_on(std::string_view path) -> question<proxmox::permissions>
    {
        return get<&decode_permissions>("/access/permissions", form{}.with("path", path));
    }
    [[nodiscard]] static auto permissions_on(vmid id) -> question<proxmox::permissions>
    {
        return permissions_on(acl_path::of(id));
    }

    /// The containers of a node that this token may see.
    [[nodiscard]] static auto guests(const node_name& node) -> question<partial_list<guest_summary>>
    {
        return get<&decode_guests>(api_path::of(node) + "/lxc");
    }

    /// The virtual machines of a node that this token may see.
    [[nodiscard]] static auto virtual_machines(const node_name& node) -> question<partial_list<vm_summary>>
    {
        return get<&decode_vms>(api_path::of(node) + "/qemu");
    }

    /// Whether a container runs, live.
    [[nodiscard]] static auto guest_status(const node_name& node, vmid id) -> question<proxmox::guest_status>
    {
        return get<&decode_guest_status>(api_path::of(node, id) + "/status/current");
    }

    /// The configuration a container will have after its next restart: pending changes laid over what is in force.
    [[nodiscard]] static auto config_merged(const node_name& node, vmid id) -> question<guest_config>
    {
        return get<&decode_guest_config>(api_path::of(node, id) + "/config");
    }

    /// The configuration that is in force now.
    [[nodiscard]] static auto config_current(const node_name& node, vmid id) -> question<guest_config>
    {
        return get<&decode_guest_config>(api_path::of(node, id) + "/config", form{}.with("current", true));
    }

    /// Whether all volumes of a container can do something: "snapshot", "clone".
    [[nodiscard]] static auto guest_feature(const node_name& node, vmid id, std::string_view feature) -> question<bool>
    {
        return get<&decode_has_feature>(api_path::of(node, id) + "/feature",
                                        form{}.with("feature", std::string{feature}));
    }

    /// Both configurations key by key, with what waits for a restart.
    [[nodiscard]] static auto pending(const node_name& node, vmid id) -> question<pending_config>
    {
        return get<&decode_pending>(api_path::of(node, id) + "/pending");
    }

    [[nodiscard]] static auto snapshots(const node_name& node, vmid id) -> question<snapshot_list>
    {
        return get<&decode_snapshot_list>(api_path::of(node, id) + "/snapshot");
    }

    /// The storages the cluster is configured with.
    [[nodiscard]] static auto storages() -> question<std::vector<storage_config>>
    {
        return get<&decode_storage_list>("/storage");
    }

    /// The storages of a node and how full they are. Proxmox VE probes each in turn: one that hangs delays all.
    [[nodiscard]] static auto node_storages(const node_name& node) -> question<partial_list<node_storage>>
    {
        return get<&decode_node_storages>(api_path::of(node) + "/storage");
    }

    /// How full one storage of a node is. Proxmox VE probes no other.
    [[nodiscard]] static auto storage_status(const node_name& node, const storage_id& storage)
        -> question<proxmox::storage_status>
    {
        return get<&decode_storage_status>(api_path::of(node, storage) + "/status");
    }

    /// The volumes on a storage that this token may see.
    [[nodiscard]] static auto storage_content(const node_name& node, const storage_id& storage, volume_kind kind,
                                              std::optional<vmid> owner = std::nullopt)
        -> question<partial_list<stored_volume>>
    {
        auto narrowed = form{}.with("content", volume_kind_words.text_of(kind));
        return get<&decode_volumes>(api_path::of(node, storage) + "/content",
                                    owner ? std::move(narrowed).with("vmid", owner->text()) : std::move(narrowed));
    }

    /// The tasks that run on a node now, all in one answer. A limit must be given: 50 is the default, and 0 means none.
    [[nodiscard]] static auto active_tasks(const node_name& node) -> question<partial_list<listed_task>>
    {
        return get<&decode_tasks>(api_path::of(node) + "/tasks", form{}.with("source", "active").with("limit", "1000"));
    }

    /// The tasks that ended last on a node, of one guest if asked.
    [[nodiscard]] static auto past_tasks(const node_name& node, std::uint32_t limit,
                                         std::optional<vmid> of = std::nullopt) -> question<partial_list<listed_task>>
    {
        auto narrowed = form{}.with("limit", std::to_string(limit));
        return get<&decode_tasks>(api_path::of(node) + "/tasks",
                                  of ? std::move(narrowed).with("vmid", of->text()) : std::move(narrowed));
    }

    [[nodiscard]] static auto task_status(const upid& task) -> question<proxmox::task_status>
    {
        return get<&decode_task_status>(api_path::of(task) + "/status");
    }

    /// Lines of a task's log, counted from 0.
    [[nodiscard]] static auto task_log(const upid& task, std::uint64_t start, std::uint32_t limit)
        -> question<proxmox::task_log>
    {
        return get_document<&decode_task_log>(
            api_path::of(task) + "/log?"
            + form{}.with("start", std::to_string(start)).with("limit", std::to_string(limit)).text());
    }

private:
    template <auto Decode>
    using decoded = typename decltype(Decode(std::declval<const reply_node&>()))::value_type;

    /// Reads `$.data`, as `Decode` does.
    template <auto Decode>
    [[nodiscard]] static auto in_data(const reply_node& document) -> tl::expected<decoded<Decode>, decode_error>
    {
        const auto data = document["data"];
        return Decode(data);
    }

    /// For an answer of which more than `$.data` counts.
    template <auto Decode>
    [[nodiscard]] static auto get_document(std::string target) -> question<decoded<Decode>>
    {
        return {.request = {net::http_method::get, std::move(target), {}}, .decode = Decode};
    }

    template <auto Decode>
    [[nodiscard]] static auto get(std::string path) -> question<decoded<Decode>>
    {
        return get_document<&in_data<Decode>>(std::move(path));
    }
    template <auto Decode>
    [[nodiscard]] static auto get(const std::string& path, const form& query) -> question<decoded<Decode>>
    {
        return get_document<&in_data<Decode>>(path + "?" + query.text());
    }
};

} // namespace felhom::proxmox
