// SPDX-License-Identifier: Apache-2.0
// error: recorded_snapshot::recorded_snapshot.* is private within this context
#include <felhom/proxmox/model/left_snapshot.hpp>

namespace proxmox = felhom::proxmox;

auto take(const proxmox::recorded_snapshot& one) -> proxmox::recorded_snapshot
{
    return proxmox::recorded_snapshot{one.guest(), one.name(), one.task()};
}
