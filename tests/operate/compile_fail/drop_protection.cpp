// SPDX-License-Identifier: Apache-2.0
// error: to 'const felhom::proxmox::harmless_changes
#include <felhom/proxmox/api/mutate.hpp>

using namespace felhom;

auto take(const node_name& node, vmid id, const proxmox::config_changes& any, const proxmox::harmless_changes& harmless,
          const proxmox::config_digest& digest) -> proxmox::request
{
    static_cast<void>(harmless);
    return proxmox::mutate::set_config(node, id, any, digest);
}
