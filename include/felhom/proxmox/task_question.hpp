#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/proxmox/request.hpp>
#include <felhom/proxmox/upid.hpp>

#include <variant>

namespace felhom::proxmox {

/// One thing to ask Proxmox VE about tasks. The answer goes back with it.
struct task_question {
    /// Which tasks run on a node, up to ten seconds ago.
    struct active_list {
        node_name node;
    };
    /// How the guests of a node are, this moment: what their tasks have come to.
    struct guest_list {
        node_name node;
    };
    struct status {
        upid task;
    };
    struct log {
        upid task;
    };

    std::variant<active_list, guest_list, status, log> about;
    request ask;
};

} // namespace felhom::proxmox
