// SPDX-License-Identifier: Apache-2.0
// error: destructive::rollback.* is private within this context
#include <felhom/proxmox/api/destructive.hpp>

namespace proxmox = felhom::proxmox;

auto take(const proxmox::created_snapshot& made) -> proxmox::single_call
{
    return proxmox::destructive::rollback(made.node(), made.guest(), made.name(), /*start_after=*/false);
}
