// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/node/node.hpp"

#include <string>

namespace felhom::sim {

/// The tokens of the demo world: the agent's, with all that it needs except on the guest of somebody else; and an
/// auditor's, which may only look.
struct demo_tokens {
    static constexpr auto agent = "felhom@pve!agent";
    static constexpr auto agent_secret = "4b1d2c3e-0000-4000-8000-00000000a6e7";
    static constexpr auto auditor = "felhom@pve!audit";
    static constexpr auto auditor_secret = "4b1d2c3e-0000-4000-8000-0000000a0d17";
};

/// A node `pve1` whose guests have drifted in instructive ways. Desired state for them, guest by guest:
///
/// | vmid | hostname     | as it is                                                      | what it teaches |
/// |------|--------------|---------------------------------------------------------------|-----------------|
/// | 101  | web          | running; description "Web server\n"; tags "customer;web"      | desired "Web server" without
/// the line end, tags "web;customer": no drift | | 102  | db           | running; memory 512 | desired 1024: a change
/// applied while it runs | | 103  | backup-sink  | stopped, onboot 1                                             |
/// should run | | 104  | dns          | running; nameserver and features changed, still pending       | needs a
/// restart, no write | | 105  | mail         | running; the agent lacks VM.Config.Memory there; memory 256   | desired
/// 512: reported as not permitted | | 106  | files        | running; protection 1, mount point mp0 /srv | desired drops
/// the protection: destructive, needs a signature | | 107  | cache        | stopped, locked by a backup ("lock:
/// backup")                  | held: wait, never unlock | | 108  | hidden       | running; the agent has no right to
/// see it                     | missing from lists: not gone | | 120  | scratch      | running, nothing drifted;
/// ignores shutdown                    | a stop that takes its time |
///
/// Storage: `local` (backups, templates) and `local-zfs` (volumes, with snapshots). One backup of 106 exists.
[[nodiscard]] auto demo_world(instant now, pve_version version = pve_version::v9) -> node;

/// A guest from the text of its configuration file, with the volumes that it names.
void add_guest(node& to, guest_id vmid, std::string_view config_text, bool running = false);

} // namespace felhom::sim
