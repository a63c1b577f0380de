// SPDX-License-Identifier: Apache-2.0
// error: no matching function for call to 'felhom::proxmox::destructive::delete_snapshot
#include <felhom/proxmox/api/destructive.hpp>
#include <felhom/proxmox/model/left_snapshot.hpp>

namespace proxmox = felhom::proxmox;

auto take(const proxmox::recorded_snapshot& one) -> proxmox::single_call
{
    return proxmox::destructive::delete_snapshot(one);
}
