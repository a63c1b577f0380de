// SPDX-License-Identifier: Apache-2.0
// error: destructive::destroy.* is private within this context
#include <felhom/proxmox/api/destructive.hpp>

namespace proxmox = felhom::proxmox;
using felhom::node_name;
using felhom::vmid;

auto take(const node_name& node, vmid id) -> proxmox::single_call
{
    return proxmox::destructive::destroy(node, id, /*purge=*/false, /*unreferenced=*/false);
}
