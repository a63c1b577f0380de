// SPDX-License-Identifier: Apache-2.0
// error: no matching function for call to 'felhom::proxmox::destructive::rollback
#include <felhom/proxmox/api/destructive.hpp>

namespace proxmox = felhom::proxmox;

auto take(const proxmox::created_snapshot& made, const proxmox::untouched_snapshot& ours) -> proxmox::single_call
{
    static_cast<void>(ours);
    return proxmox::destructive::rollback(made);
}
