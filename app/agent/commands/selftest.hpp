// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/node_io.hpp"
#include "agent/engine/operation_io.hpp"
#include "agent/setup/console.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/operate/operating_rules.hpp>
#include <felhom/proxmox/api/token_id.hpp>

#include <cstdint>

namespace felhom::agent {

/// Asks everything that the agent ever asks, and says for each whether it was understood. Changes nothing.
[[nodiscard]] auto run_selftest_read(const node_io& in, const node_name& node, const proxmox::token_id& token,
                                     const console& to) -> exit_code;

/// Shows on one guest that changes work: its description is changed and restored, then a snapshot is made, rolled back
/// to, and deleted: one whose name `random` makes. Before that, what an earlier self-test left is deleted where it is
/// proven to be that, and else named with what to type. A running guest is refused, since a rollback stops it.
/// Each step stands in the journal.
[[nodiscard]] auto run_selftest_task(const operation_io& in, const operate::operating_rules& rules, vmid guest,
                                     const proxmox::token_id& token, std::uint64_t random, const console& to)
    -> exit_code;

} // namespace felhom::agent
