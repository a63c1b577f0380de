// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/model/guest_kind.hpp>

#include <optional>
#include <string>
#include <variant>

// Where a guest is. Proxmox VE says that "its configuration file does not exist" of a guest that was destroyed, and of
// one that another node has, and leaves out of its lists what a token may not see: only together do these tell.
namespace felhom::proxmox {

struct guest_is_here {
    friend auto operator==(const guest_is_here&, const guest_is_here&) -> bool = default;
};

/// Another node has it, or its number is a virtual machine's.
struct guest_is_elsewhere {
    node_name node;
    guest_kind type = guest_kind::lxc;

    friend auto operator==(const guest_is_elsewhere&, const guest_is_elsewhere&) -> bool = default;
};

/// No node of the cluster has a guest of that number: it would have been shown.
struct guest_is_nowhere {
    friend auto operator==(const guest_is_nowhere&, const guest_is_nowhere&) -> bool = default;
};

/// It is in no list, which proves nothing.
struct guest_not_listed {
    std::string why;           ///< what it would take to know
    bool may_be_hidden = true; ///< from the token; else it is the lists that cannot be relied on, or were not read
    std::optional<call_error> unread = std::nullopt;

    friend auto operator==(const guest_not_listed&, const guest_not_listed&) -> bool = default;
};

using whereabouts = std::variant<guest_is_here, guest_is_elsewhere, guest_is_nowhere, guest_not_listed>;

[[nodiscard]] inline auto describe(const guest_is_elsewhere& found) -> std::string
{
    return found.type == guest_kind::lxc ? "the guest is on node " + found.node.text()
                                         : "its number is a virtual machine's, on node " + found.node.text();
}

} // namespace felhom::proxmox
