// SPDX-License-Identifier: Apache-2.0
// error: destructive::delete_backup.* is private within this context
#include <felhom/proxmox/api/destructive.hpp>
#include <felhom/proxmox/api/read.hpp>

using namespace felhom;

auto take(const node_name& node, const proxmox::volume_id& backup) -> proxmox::single_call
{
    return proxmox::destructive::delete_backup(node, backup);
}
