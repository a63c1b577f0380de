// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/reconcile/plan/run_policy.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace felhom::operate {

/// How the task of a call is looked for whose answer never came.
struct search_policy {
    /// A call that was sent may still be under way inside Proxmox VE: its own proxy gives up after 30 s
    /// (pve-http-server AnyEvent.pm), and a lock is waited for 10 s.
    std::chrono::milliseconds settles_within = std::chrono::seconds{60};
    /// Between this clock and the node's.
    std::chrono::milliseconds clock_difference = std::chrono::seconds{5};
    /// By how much the clock may have been set back between an operation's beginning and its task's: a task of ours
    /// that no operation has, and that began no longer before it, may be its.
    std::chrono::milliseconds longest_setback = std::chrono::hours{24};
    std::uint32_t past_tasks = 200;
};

/// What every operation has to know of the place where it is carried out.
struct node_context {
    node_name node;
    lxc::node_facts facts;
    reconcile::run_policy patience;
    lxc::key_table table = lxc::key_table::standard();
    /// Our own, as it stands in a UPID: "felhom@pve!agent". Empty: no task is known to be ours.
    std::string user = {};
    search_policy search = {};
};

} // namespace felhom::operate
