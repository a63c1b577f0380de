// SPDX-License-Identifier: Apache-2.0
// error: destructive::restore_over.* is private within this context
#include <felhom/proxmox/api/destructive.hpp>

namespace proxmox = felhom::proxmox;
using felhom::node_name;
using felhom::vmid;

auto take(const node_name& node, vmid id, const proxmox::restore_options& options) -> proxmox::single_call
{
    return proxmox::destructive::restore_over(node, id, options);
}
