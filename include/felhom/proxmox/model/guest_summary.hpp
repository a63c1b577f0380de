// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/model/guest_kind.hpp>
#include <felhom/proxmox/model/power_state.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace felhom::proxmox {

/// One container of a node, as the node's list shows it. Figures are bytes and seconds; one that is not told is
/// nothing, not 0.
struct guest_summary {
    vmid id;
    power_state power;
    std::string name; ///< the host name, or "CT<id>"
    bool is_template = false;
    std::optional<std::string> lock = std::nullopt;
    std::string tags = {};
    std::optional<double> cpu = std::nullopt; ///< the share of its cpus in use; just after a restart a little below 0
    std::optional<double> cpus = std::nullopt;
    std::optional<std::uint64_t> memory = std::nullopt;
    std::optional<std::uint64_t> memory_limit = std::nullopt;
    std::optional<std::uint64_t> swap = std::nullopt;
    std::optional<std::uint64_t> swap_limit = std::nullopt;
    std::optional<std::uint64_t> disk = std::nullopt;
    std::optional<std::uint64_t> disk_limit = std::nullopt;
    std::optional<std::uint64_t> network_in = std::nullopt;
    std::optional<std::uint64_t> network_out = std::nullopt;
    std::optional<std::uint64_t> disk_read = std::nullopt;
    std::optional<std::uint64_t> disk_written = std::nullopt;
    std::optional<std::uint64_t> uptime = std::nullopt;

    friend auto operator==(const guest_summary&, const guest_summary&) -> bool = default;
};

/// A container as it is this moment.
struct guest_status {
    guest_summary summary;
    bool managed_by_ha = false;
    std::optional<std::string> ha_state = std::nullopt;

    friend auto operator==(const guest_status&, const guest_status&) -> bool = default;
};

/// A guest anywhere in the cluster, as its statistics tell some ten seconds later.
struct cluster_guest {
    using kind = guest_kind;

    vmid id;
    kind type;
    node_name node;
    std::optional<power_state> power; ///< nothing when its node has not reported

    friend auto operator==(const cluster_guest&, const cluster_guest&) -> bool = default;
};

} // namespace felhom::proxmox
