// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/proxmox/api/question.hpp>
#include <felhom/proxmox/api/request.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/model/partial_list.hpp>
#include <felhom/proxmox/tasks/task_status.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <variant>

namespace felhom::proxmox {

/// One thing to ask Proxmox VE about tasks. The answer goes back with it.
struct task_question {
    /// Which tasks run on a node, up to ten seconds ago.
    struct active_list {
        node_name node;
        question<partial_list<listed_task>> asked;
    };
    /// How the guests of a node are, this moment: what their tasks have come to.
    struct guest_list {
        node_name node;
        question<partial_list<guest_summary>> asked;
    };
    struct status {
        upid task;
        question<task_status> asked;
    };
    struct log {
        upid task;
        question<task_log> asked;
    };

    std::variant<active_list, guest_list, status, log> about;

    [[nodiscard]] auto request() const -> const proxmox::request&
    {
        return std::visit([](const auto& one) -> const proxmox::request& { return one.asked.request; }, about);
    }
};

} // namespace felhom::proxmox
