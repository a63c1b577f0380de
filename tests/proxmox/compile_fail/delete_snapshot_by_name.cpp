// SPDX-License-Identifier: Apache-2.0
// error: destructive::delete_snapshot.* is private within this context
#include <felhom/proxmox/api/destructive.hpp>

namespace proxmox = felhom::proxmox;

auto take(const proxmox::created_snapshot& made) -> proxmox::single_call
{
    return proxmox::destructive::delete_snapshot(made.node(), made.guest(), made.name());
}
