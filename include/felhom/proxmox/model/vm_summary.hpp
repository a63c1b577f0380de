// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>

#include <optional>
#include <string>

namespace felhom::proxmox {

/// A virtual machine of a node, as far as it matters to know that it is there: this agent changes none.
struct vm_summary {
    vmid id;
    std::optional<std::string> name = std::nullopt;
    std::optional<power_state> power = std::nullopt; ///< nothing: the node says something else than these two

    friend auto operator==(const vm_summary&, const vm_summary&) -> bool = default;
};

} // namespace felhom::proxmox
