// SPDX-License-Identifier: Apache-2.0
// error: to 'const felhom::proxmox::config_digest
#include <felhom/proxmox/api/mutate.hpp>
#include <felhom/proxmox/model/harmless_changes.hpp>

namespace proxmox = felhom::proxmox;
using felhom::node_name;
using felhom::vmid;

auto take(const node_name& node, vmid id, const proxmox::harmless_changes& changes,
          const proxmox::config_digest& digest) -> proxmox::request
{
    return proxmox::mutate::set_config(node, id, changes, "");
}
