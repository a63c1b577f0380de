// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

namespace felhom::lxc {

/// A release of Proxmox VE, as far as it decides what a guest's configuration may hold.
struct pve_release {
    int major;
    int minor;

    friend auto operator<=>(const pve_release&, const pve_release&) = default;
};

/// What must be known of a node to say whether two configurations mean the same.
struct node_facts {
    pve_release release{.major = 8, .minor = 0};
    bool cgroup_v2 = true;            ///< decides the default and the limits of cpuunits (pve-common PVE/CGroup.pm)
    bool tags_case_sensitive = false; ///< datacenter.cfg, tag-style

    friend auto operator==(const node_facts&, const node_facts&) -> bool = default;
};

} // namespace felhom::lxc
