// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace felhom::proxmox {

/// Which tags a token may set without Sys.Modify on / (pve-guest-common GuestHelpers.pm, assert_tag_permissions).
struct tag_access {
    std::vector<std::string> registered = {}; ///< never
    bool any_other = true;                    ///< any that is not registered …
    std::vector<std::string> allowed = {};    ///< … or else these

    [[nodiscard]] auto may_set(std::string_view tag) const -> bool
    {
        return !contains(registered, tag) && (any_other || contains(allowed, tag));
    }

    friend auto operator==(const tag_access&, const tag_access&) -> bool = default;
};

/// What datacenter.cfg says that decides what guests' configurations mean and who may change them.
struct cluster_options {
    bool tags_case_sensitive = false;
    tag_access tags;

    friend auto operator==(const cluster_options&, const cluster_options&) -> bool = default;
};

} // namespace felhom::proxmox
