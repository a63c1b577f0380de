// SPDX-License-Identifier: Apache-2.0
// error: cannot bind rvalue reference of type 'felhom::proxmox::untouched_snapshot&&'
#include <felhom/proxmox/api/destructive.hpp>

namespace proxmox = felhom::proxmox;

auto take(proxmox::untouched_snapshot& ours) -> proxmox::single_call
{
    return proxmox::destructive::rollback(ours);
}
