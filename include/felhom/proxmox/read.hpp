#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/acl_path.hpp>
#include <felhom/proxmox/api_path.hpp>
#include <felhom/proxmox/form.hpp>
#include <felhom/proxmox/request.hpp>
#include <felhom/proxmox/storage_id.hpp>
#include <felhom/proxmox/upid.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::proxmox {

/// What a listing of a storage is narrowed to.
enum class volume_kind { backup, rootdir, vztmpl };

inline constexpr auto volume_kind_words =
    enum_table{std::array{enum_word{volume_kind::backup, "backup"}, enum_word{volume_kind::rootdir, "rootdir"},
                          enum_word{volume_kind::vztmpl, "vztmpl"}}};

/// Every question the agent asks. None of them changes anything.
struct read {
    /// The version of the node that answers.
    [[nodiscard]] static auto version() -> request { return get("/version"); }

    /// The nodes of the cluster; a single node counts as one.
    [[nodiscard]] static auto nodes() -> request { return get("/nodes"); }

    /// Load, memory, uptime and kernel of one node.
    [[nodiscard]] static auto node_status(const node_name& node) -> request
    {
        return get(api_path::of(node) + "/status");
    }

    /// Where every guest of the cluster is; its figures are some ten seconds old.
    [[nodiscard]] static auto cluster_guests() -> request
    {
        return get("/cluster/resources", form{}.with("type", "vm"));
    }

    /// The nodes as the cluster's statistics show them, with the cgroup version that each runs its guests under.
    [[nodiscard]] static auto cluster_nodes() -> request
    {
        return get("/cluster/resources", form{}.with("type", "node"));
    }

    /// Whether the cluster has quorum, and its nodes. Needs Sys.Audit on /.
    [[nodiscard]] static auto cluster_status() -> request { return get("/cluster/status"); }

    /// What holds for the whole cluster, as far as this token is shown it.
    [[nodiscard]] static auto cluster_options() -> request { return get("/cluster/options"); }

    /// What this token may do.
    [[nodiscard]] static auto permissions() -> request { return get("/access/permissions"); }

    /// Who holds which role where, as far as this token is shown it: all of it with Sys.Audit on /access.
    [[nodiscard]] static auto acl() -> request { return get("/access/acl"); }

    /// What this token may do on one path. Asked of all paths, Proxmox VE leaves out those where it may do nothing, and
    /// what comes down from above would seem to hold there (pve-access-control RPCEnvironment.pm).
    [[nodiscard]] static auto permissions_on(std::string_view path) -> request
    {
        return get("/access/permissions", form{}.with("path", path));
    }
    [[nodiscard]] static auto permissions_on(vmid id) -> request { return permissions_on(acl_path::of(id)); }

    /// The containers of a node that this token may see.
    [[nodiscard]] static auto guests(const node_name& node) -> request { return get(api_path::of(node) + "/lxc"); }

    /// The virtual machines of a node that this token may see.
    [[nodiscard]] static auto virtual_machines(const node_name& node) -> request
    {
        return get(api_path::of(node) + "/qemu");
    }

    /// Whether a container runs, live.
    [[nodiscard]] static auto guest_status(const node_name& node, vmid id) -> request
    {
        return get(api_path::of(node, id) + "/status/current");
    }

    /// The configuration a container will have after its next restart: pending changes laid over what is in force.
    [[nodiscard]] static auto config_merged(const node_name& node, vmid id) -> request
    {
        return get(api_path::of(node, id) + "/config");
    }

    /// The configuration that is in force now.
    [[nodiscard]] static auto config_current(const node_name& node, vmid id) -> request
    {
        return get(api_path::of(node, id) + "/config", form{}.with("current", true));
    }

    /// Whether all volumes of a container can do something: "snapshot", "clone".
    [[nodiscard]] static auto guest_feature(const node_name& node, vmid id, std::string_view feature) -> request
    {
        return get(api_path::of(node, id) + "/feature", form{}.with("feature", std::string{feature}));
    }

    /// Both configurations key by key, with what waits for a restart.
    [[nodiscard]] static auto pending(const node_name& node, vmid id) -> request
    {
        return get(api_path::of(node, id) + "/pending");
    }

    [[nodiscard]] static auto snapshots(const node_name& node, vmid id) -> request
    {
        return get(api_path::of(node, id) + "/snapshot");
    }

    /// The storages the cluster is configured with.
    [[nodiscard]] static auto storages() -> request { return get("/storage"); }

    /// The storages of a node and how full they are. Proxmox VE probes each in turn: one that hangs delays all.
    [[nodiscard]] static auto node_storages(const node_name& node) -> request
    {
        return get(api_path::of(node) + "/storage");
    }

    /// The volumes on a storage that this token may see.
    [[nodiscard]] static auto storage_content(const node_name& node, const storage_id& storage, volume_kind kind,
                                              std::optional<vmid> owner = std::nullopt) -> request
    {
        auto narrowed = form{}.with("content", volume_kind_words.text_of(kind));
        return get(api_path::of(node, storage) + "/content",
                   owner ? std::move(narrowed).with("vmid", owner->text()) : std::move(narrowed));
    }

    /// The tasks that run on a node now, all in one answer. A limit must be given: 50 is the default, and 0 means none.
    [[nodiscard]] static auto active_tasks(const node_name& node) -> request
    {
        return get(api_path::of(node) + "/tasks", form{}.with("source", "active").with("limit", "1000"));
    }

    /// The tasks that ended last on a node, of one guest if asked.
    [[nodiscard]] static auto past_tasks(const node_name& node, std::uint32_t limit,
                                         std::optional<vmid> of = std::nullopt) -> request
    {
        auto narrowed = form{}.with("limit", std::to_string(limit));
        return get(api_path::of(node) + "/tasks",
                   of ? std::move(narrowed).with("vmid", of->text()) : std::move(narrowed));
    }

    [[nodiscard]] static auto task_status(const upid& task) -> request { return get(api_path::of(task) + "/status"); }

    /// Lines of a task's log, counted from 0.
    [[nodiscard]] static auto task_log(const upid& task, std::uint64_t start, std::uint32_t limit) -> request
    {
        return get(api_path::of(task) + "/log",
                   form{}.with("start", std::to_string(start)).with("limit", std::to_string(limit)));
    }

private:
    [[nodiscard]] static auto get(std::string path) -> request { return {net::http_method::get, std::move(path), {}}; }
    [[nodiscard]] static auto get(const std::string& path, const form& query) -> request
    {
        return {net::http_method::get, path + "?" + query.text(), {}};
    }
};

} // namespace felhom::proxmox
