// SPDX-License-Identifier: Apache-2.0
#include "sim/node/demo_world.hpp"

#include "sim/api/parameters.hpp"
#include "sim/api/text.hpp"
#include "sim/node/config_update.hpp"
#include "sim/node/volumes.hpp"

namespace felhom::sim {

namespace {

/// What most guests have in common.
auto common(guest_id vmid, std::string_view hostname, std::string_view memory) -> std::string
{
    const auto id = std::to_string(vmid);
    return "arch: amd64\ncores: 1\nhostname: " + std::string{hostname} + "\nmemory: " + std::string{memory}
           + "\nnet0: name=eth0,bridge=vmbr0,firewall=1,hwaddr=BC:24:11:00:01:" + id.substr(1)
           + ",ip=dhcp,type=veth\nostype: debian\nrootfs: local-zfs:subvol-" + id
           + "-disk-0,size=8G\nswap: 512\nunprivileged: 1\n";
}

void add_backup_of_files(node& to, instant now)
{
    const auto volid = std::string{"local:backup/vzdump-lxc-106-2026_11_01-03_00_00.tar.zst"};
    to.storages.at("local").volumes[volid] =
        volume{.volid = volid,
               .content = "backup",
               .format = "tar.zst",
               .size = std::int64_t{300} << 20U,
               .ctime = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() - 86400,
               .vmid = 106,
               .notes = "files",
               .config = print(config_file{.current = to.guests.at(106).config.current})};
}

} // namespace

void add_guest(node& to, guest_id vmid, std::string_view config_text, bool running)
{
    auto made = guest{.config = parse_config_file(config_text), .running = running, .started = to.now()};
    for (const auto& [key, value] : made.config.current) {
        if (key != "rootfs" && !is_indexed(key, "mp") && !is_indexed(key, "unused")) {
            continue;
        }
        const auto properties = properties_of(to, key, value);
        const auto volid = find_property(properties, "volume").value_or("");
        if (const auto in = to.storages.find(volid.substr(0, volid.find(':'))); in != to.storages.end()) {
            in->second.volumes[volid] = volume{.volid = volid,
                                               .content = "rootdir",
                                               .format = in->second.type == "zfspool" ? "subvol" : "raw",
                                               .size = parse_size(find_property(properties, "size").value_or("4G")),
                                               .vmid = vmid};
        }
    }
    to.guests[vmid] = std::move(made);
}

auto demo_world(instant now, pve_version version) -> node
{
    auto world = node{machine{.version = version, .boot = now - std::chrono::hours{30}}};
    world.advance(now);
    world.storages["local"] = storage{.type = "dir", .content = {"backup", "iso", "vztmpl"}};
    world.storages["local-zfs"] = storage{.type = "zfspool", .content = {"images", "rootdir"}};

    auto& access = world.access;
    access.tokens = {{.id = demo_tokens::agent, .secret = demo_tokens::agent_secret},
                     {.id = demo_tokens::auditor, .secret = demo_tokens::auditor_secret}};
    access.roles["NoMemory"] = access.roles["FelhomAgent"];
    access.roles["NoMemory"].erase("VM.Config.Memory");
    access.roles["NoAccess"] = {};
    for (const auto* const who : {"felhom@pve", demo_tokens::agent}) {
        access.entries.push_back({.path = "/", .who = who, .role = "FelhomAgent"});
    }
    access.entries.push_back({.path = "/", .who = demo_tokens::auditor, .role = "PVEAuditor"});
    access.entries.push_back({.path = "/vms/105", .who = demo_tokens::agent, .role = "NoMemory"});
    access.entries.push_back({.path = "/vms/108", .who = demo_tokens::agent, .role = "NoAccess"});

    add_guest(world, 101, "#Web server\n" + common(101, "web", "512") + "onboot: 1\ntags: customer;web\n", true);
    add_guest(world, 102, common(102, "db", "512") + "onboot: 1\n", true);
    add_guest(world, 103, common(103, "backup-sink", "256") + "onboot: 1\n");
    add_guest(world, 104,
              common(104, "dns", "256")
                  + "nameserver: 192.0.2.1\n\n[pve:pending]\nfeatures: nesting=1\nnameserver: 192.0.2.53\n",
              true);
    add_guest(world, 105, common(105, "mail", "256"), true);
    add_guest(world, 106,
              common(106, "files", "1024")
                  + "mp0: local-zfs:subvol-106-disk-1,mp=/srv,backup=1,size=64G\nprotection: 1\n",
              true);
    add_guest(world, 107, common(107, "cache", "256") + "lock: backup\n");
    add_guest(world, 108, common(108, "hidden", "256"), true);
    add_guest(world, 120, common(120, "scratch", "128"), true);
    world.guests.at(120).ignores_shutdown = true;
    add_backup_of_files(world, now);
    return world;
}

} // namespace felhom::sim
