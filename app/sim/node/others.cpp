// SPDX-License-Identifier: Apache-2.0
#include "sim/node/others.hpp"

#include <felhom/core/contains.hpp>

#include <utility>

namespace felhom::sim {

auto root_itself() -> identity
{
    return {.user = "root@pam", .token = {}, .separated = false};
}

void migrate(node& from, guest_id vmid, const std::string& to)
{
    auto moved = from.guests.extract(vmid);
    if (moved.empty()) {
        return;
    }
    if (!contains(from.settings.peers, to)) {
        from.settings.peers.push_back(to);
    }
    from.elsewhere.insert_or_assign(vmid, guest_elsewhere{.node = to, .of = std::move(moved.mapped())});
}

void migrate_back(node& to, guest_id vmid)
{
    if (auto moved = to.elsewhere.extract(vmid)) {
        to.guests.insert_or_assign(vmid, std::move(moved.mapped().of));
    }
}

auto destroy_by_hand(node& on, guest_id vmid) -> std::string
{
    return on.spawn(root_itself(), "vzdestroy", std::to_string(vmid),
                    job::destroy{.vmid = vmid, .force = true, .purge = false});
}

} // namespace felhom::sim
