// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/node/node.hpp"

#include <string>

// What others do on the node beside the one who calls its API.
namespace felhom::sim {

/// root@pam, logged in with a password.
[[nodiscard]] auto root_itself() -> identity;

/// The guest goes to another node of the cluster: its configuration file moves there, and what was granted on it stays.
/// Nothing if it is not here.
void migrate(node& from, guest_id vmid, const std::string& to);

/// It comes back.
void migrate_back(node& to, guest_id vmid);

/// A person destroys the guest, running or not; the task's UPID.
auto destroy_by_hand(node& on, guest_id vmid) -> std::string;

} // namespace felhom::sim
