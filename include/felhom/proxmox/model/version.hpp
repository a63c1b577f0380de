// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace felhom::proxmox {

/// The version of Proxmox VE on a node.
struct version {
    std::string number;  ///< "9.2.11", "7.4-16"
    std::string release; ///< "9.2"
    std::string repository;

    friend auto operator==(const version&, const version&) -> bool = default;
};

} // namespace felhom::proxmox
