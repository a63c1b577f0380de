// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/proxmox/model/partial_list.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace felhom::proxmox {

/// A node of the cluster.
struct node_summary {
    enum class state { online, offline, unknown };

    node_name name;
    state status;

    friend auto operator==(const node_summary&, const node_summary&) -> bool = default;
};

/// A node as the cluster's statistics show it.
struct cluster_node {
    node_name name;
    std::optional<std::uint32_t> cgroup = std::nullopt; ///< 1 or 2; nothing when the node has not reported
    bool online = false;

    friend auto operator==(const cluster_node&, const cluster_node&) -> bool = default;
};

/// How full something is, in bytes.
struct usage {
    std::uint64_t total = 0;
    std::uint64_t used = 0;

    friend auto operator==(const usage&, const usage&) -> bool = default;
};

/// Both of it, or nothing.
[[nodiscard]] inline auto usage_of(std::optional<std::uint64_t> total, std::optional<std::uint64_t> used)
    -> std::optional<usage>
{
    return total && used ? std::optional{usage{.total = *total, .used = *used}} : std::nullopt;
}

/// How a node is doing. What it does not tell, or tells in no way that is understood, is nothing, not 0.
struct node_status {
    std::optional<std::uint64_t> uptime = std::nullopt; ///< seconds
    std::optional<double> cpu = std::nullopt; ///< the share of all its cpus in use; 0 on a worker's first call
    std::optional<std::uint32_t> cpus = std::nullopt;
    std::optional<std::array<double, 3>> load = std::nullopt; ///< over 1, 5 and 15 minutes
    std::optional<usage> memory = std::nullopt;
    std::optional<usage> swap = std::nullopt;
    std::optional<usage> root = std::nullopt;
    std::optional<std::string> kernel = std::nullopt;
    std::optional<std::string> manager = std::nullopt; ///< "pve-manager/9.2.2/b9984c6d90a4bd80"

    friend auto operator==(const node_status&, const node_status&) -> bool = default;
};

/// Whether every node of the cluster answers: then it has quorum, whatever its votes are.
[[nodiscard]] inline auto are_all_online(const partial_list<cluster_node>& nodes) -> bool
{
    return !nodes.rows.empty() && nodes.odd.empty() && std::ranges::all_of(nodes.rows, &cluster_node::online);
}

} // namespace felhom::proxmox
