// SPDX-License-Identifier: Apache-2.0
// error: created_snapshot::created_snapshot.* is private within this context
#include <felhom/proxmox/model/created_snapshot.hpp>

namespace proxmox = felhom::proxmox;

auto take(const proxmox::created_snapshot& made) -> proxmox::created_snapshot
{
    return proxmox::created_snapshot{made.node(), made.guest(), made.name()};
}
