// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/simulated_agent.hpp"

#include <string>

namespace felhom::testing {

inline constexpr auto restorable_backup = "local:backup/vzdump-lxc-205-2026_10_01-03_00_00.tar.zst";
inline constexpr auto old_backup = "local:backup/vzdump-lxc-202-2026_10_01-03_00_00.tar.zst";

inline void add_backup(sim::node& to, const char* volid, sim::guest_id owner, const std::string& config)
{
    to.storages.at("local").volumes[volid] = sim::volume{.volid = volid,
                                                         .content = "backup",
                                                         .format = "tar.zst",
                                                         .size = std::int64_t{300} << 20U,
                                                         .ctime = 1'794'000'000,
                                                         .vmid = owner,
                                                         .config = config};
}

/// A node with something for each signed operation to work on: 201 is rolled back, 202 loses a snapshot, 203 is
/// destroyed, 204 loses its protection, 205 is restored over, a volume of 207 is grown, and a backup of 202 is deleted.
/// Of 208 only the plan is to grow a volume.
[[nodiscard]] inline auto node_for_signed_operations() -> sim::node
{
    auto node = sim::demo_world(start_of_simulation);
    for (const auto id : {104U, 105U, 106U, 107U, 108U}) {
        node.guests.erase(id);
    }
    const auto text = [](std::uint32_t id) {
        return "arch: amd64\nmemory: 512\nostype: debian\nunprivileged: 1\nrootfs: local-zfs:subvol-"
               + std::to_string(id) + "-disk-0,size=8G\n";
    };
    for (const auto id : {201U, 202U, 203U, 204U, 205U}) {
        sim::add_guest(node, id, text(id) + (id == 204U ? "protection: 1\n" : ""),
                       /*running=*/id == 203U || id == 204U);
    }
    sim::add_guest(node, 207, text(207) + "mp0: local-zfs:subvol-207-disk-1,mp=/srv,backup=1,size=64G\n",
                   /*running=*/true);
    sim::add_guest(node, 208, text(208) + "mp0: local-zfs:subvol-208-disk-1,mp=/srv,size=64G\n");
    add_backup(node, restorable_backup, 205, text(205));
    add_backup(node, old_backup, 202, text(202));
    for (const auto id : {201U, 202U}) {
        node.guests.at(id).config = sim::parse_config_file(
            text(id) + "parent: before\n\n[before]\narch: amd64\nmemory: 256\nostype: debian\nrootfs: local-zfs:subvol-"
            + std::to_string(id) + "-disk-0,size=8G\nsnaptime: 1794990000\nunprivileged: 1\n");
    }
    return node;
}

/// The digest of a guest's configuration as it is now.
[[nodiscard]] inline auto digest_of(simulated_agent& agent, sim::guest_id id) -> std::string
{
    return sim::digest_of(agent.node().guests.at(id).config);
}

} // namespace felhom::testing
