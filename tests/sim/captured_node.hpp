// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/node/demo_world.hpp"
#include "sim/node/node.hpp"

#include <felhom/core/instant.hpp>

#include <string>

/// The node `pve1` on which the exchanges in tests/data/pve-captures were recorded, as each group of them found it.
namespace captured {

using namespace felhom::sim;

inline auto idle_guest(int vmid, const std::string& more = "") -> std::string
{
    const auto id = std::to_string(vmid);
    return "arch: amd64\ncores: 1\nhostname: idle" + id + "\nmemory: 512\nostype: debian\nrootfs: local:" + id + "/vm-"
           + id + "-disk-0.raw,size=8G\nswap: 512\nunprivileged: 1\n" + more;
}

inline auto web(const std::string& onboot, const std::string& address) -> std::string
{
    return "#Customer A%3A web\n#second line%3A %C3%A4%C3%B6%C3%BC %25 100%25\narch: amd64\ncores: 1\nhostname: web\n"
           "memory: 256\nnet0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:90:56:1A,ip="
           + address + "/24,type=veth\nonboot: " + onboot
           + "\nostype: alpine\nrootfs: btr:101/vm-101-disk-0.raw,size=256M\nswap: 0\ntags: prod;web\nunprivileged: "
             "1\n";
}

inline const auto handmade = std::string{
    "#hand made%3A 50%25\n# two\narch: amd64\ncores: 2\ncpulimit: 1.5\ncpuunits: 500\nfeatures: keyctl=1,nesting=1\n"
    "hostname: handmade\nmemory: 1024\nmp0: local:109/vm-109-disk-1.raw,mp=/srv/data,backup=1,size=4G\n"
    "mp1: /mnt/host,mp=/mnt/guest,ro=1\nnameserver: 1.1.1.1 9.9.9.9\n"
    "net0: name=eth0,bridge=vmbr0,firewall=1,hwaddr=BC:24:11:00:01:09,ip=192.168.7.9/24,gw=192.168.7.1,ip6=auto,"
    "type=veth\nostype: debian\nparent: before\nrootfs: local:109/vm-109-disk-0.raw,size=8G,mountoptions=noatime\n"
    "searchdomain: example.com\nstartup: order=2,up=30,down=60\nswap: 0\ntimezone: host\nunprivileged: 1\n"
    "lxc.apparmor.profile: unconfined\n\n[pve:pending]\ncores: 4\ndelete: cpulimit\nmemory: 2048\n\n[before]\n"
    "#snap description\narch: amd64\ncores: 1\nhostname: handmade\nmemory: 512\nostype: debian\n"
    "rootfs: local:109/vm-109-disk-0.raw,size=8G\nsnaptime: 1745000000\nswap: 0\nunprivileged: 1\n"};

/// Not one of the file's guests: their volumes are where the node says they are.
inline void drop_volumes_of(node& of, guest_id vmid)
{
    for (auto& [id, in] : of.storages) {
        std::erase_if(in.volumes, [&](const auto& entry) { return entry.second.vmid == vmid; });
    }
}

inline void add_guests(node& to)
{
    add_guest(to, 101, web("1", "10.99.0.101"));
    add_guest(to, 102,
              "arch: amd64\ncores: 2\nhostname: db\nmemory: 512\nmp0: btr:102/vm-102-disk-1.raw,mp=/data,size=102M\n"
              "ostype: alpine\nrootfs: btr:102/vm-102-disk-0.raw,size=512M\nswap: 128\nunprivileged: 1\n");
    add_guest(to, 103,
              "arch: amd64\nhostname: plain\nmemory: 128\nostype: alpine\n"
              "rootfs: local:103/vm-103-disk-0.raw,size=102M\nswap: 0\nunprivileged: 1\n");
    add_guest(to, 104,
              "arch: amd64\nhostname: scratch\nmemory: 64\n"
              "net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,type=veth\nostype: alpine\n"
              "rootfs: local:104/vm-104-disk-0.raw,size=102M\nunprivileged: 1\n");
    for (const auto vmid : {105, 106, 110}) {
        add_guest(to, static_cast<guest_id>(vmid), idle_guest(vmid));
    }
    add_guest(to, 107, idle_guest(107, "template: 1\n"));
    add_guest(to, 108, idle_guest(108, "lock: backup\n"));
    add_guest(to, 109, handmade);
    for (const auto vmid : {105, 106, 107, 108, 109, 110}) {
        drop_volumes_of(to, static_cast<guest_id>(vmid));
        to.guests.at(static_cast<guest_id>(vmid)).lacks_volume = true;
    }
    add_guest(to, 111,
              "arch: amd64\nhostname: stubborn\nmemory: 64\nostype: alpine\n"
              "rootfs: local:111/vm-111-disk-0.raw,size=102M\nswap: 0\nunprivileged: 1\n");
    to.guests.at(111).ignores_shutdown = true;
    to.virtual_machines[200] = {{"boot", "order=scsi0;net0"},
                                {"cores", "2"},
                                {"description", "A virtual machine"},
                                {"memory", "2048"},
                                {"meta", "creation-qemu=9.2.0,ctime=1745000000"},
                                {"name", "vm200"},
                                {"net0", "virtio=BC:24:11:00:02:00,bridge=vmbr0"},
                                {"numa", "0"},
                                {"ostype", "l26"},
                                {"scsi0", "local:200/vm-200-disk-0.raw,size=4G"},
                                {"scsihw", "virtio-scsi-single"},
                                {"smbios1", "uuid=8b7a4e52-2f6b-4a8e-9b5e-000000000200"},
                                {"sockets", "1"},
                                {"vmgenid", "8b7a4e52-2f6b-4a8e-9b5e-000000000201"}};
}

inline void add_tokens(access_table& to, felhom::instant now)
{
    const auto secret = [](const std::string& end) { return "00000000-0000-4000-8000-0000000000" + end; };
    to.tokens = {{.id = "felhom@pve!agent", .secret = secret("a1")},
                 {.id = "felhom@pve!audit", .secret = secret("a2")},
                 {.id = "felhom@pve!noopts", .secret = secret("a3")},
                 {.id = "felhom@pve!none", .secret = secret("a4")},
                 {.id = "felhom@pve!expired", .secret = secret("a5"), .expires = now - std::chrono::hours{24}},
                 {.id = "root@pam!admin", .secret = secret("01"), .separated = false}};
    to.entries = {{.path = "/", .who = "felhom@pve", .role = "FelhomAgent"},
                  {.path = "/", .who = "felhom@pve!agent", .role = "FelhomAgent"},
                  {.path = "/", .who = "felhom@pve!audit", .role = "PVEAuditor"},
                  {.path = "/", .who = "felhom@pve!noopts", .role = "FelhomNoOpts"}};
}

/// A task that ended before the recording began.
inline auto past_task(int number, std::string type, std::string id, std::string status, felhom::instant started) -> task
{
    const auto pid = static_cast<std::uint32_t>(100 + number);
    const auto user = std::string{type == "vzcreate" ? "root@pam" : "felhom@pve"};
    const auto token = std::string{type == "vzcreate" ? "" : "agent"};
    auto digits = std::to_string(10000000 + number);
    return task{.upid = "UPID:pve1:" + digits + ":0006B329:6B041E06:" + type + ":" + id + ":" + user
                        + (token.empty() ? "" : "!" + token) + ":",
                .pid = pid,
                .pstart = 439081,
                .started = started,
                .type = std::move(type),
                .id = std::move(id),
                .user = user,
                .token = token,
                .work = job::fail{.text = status, .lines = {}},
                .begun = true,
                .ended = started + std::chrono::seconds{1},
                .exit_status = status};
}

inline auto base(felhom::instant now) -> node
{
    auto made = node{machine{.cgroup = 1,
                             .apparmor = false,
                             .macs = {},
                             .disks_error = "command '/sbin/lvs -S 'lv_name=~^osd-' -o devices,lv_name,lv_tags "
                                            "--noheadings --readonly --separator ';'' failed: exit code 5",
                             .takes = {.start = std::chrono::milliseconds{1400},
                                       .stop = std::chrono::milliseconds{1400},
                                       .shutdown = std::chrono::milliseconds{4000},
                                       .reboot = std::chrono::milliseconds{6000}},
                             .boot = now - std::chrono::seconds{4384}}};
    made.advance(now);
    made.storages["local"] =
        storage{.type = "dir", .content = {"rootdir", "iso", "snippets", "vztmpl", "backup", "images"}};
    made.storages["btr"] = storage{.type = "btrfs", .content = {"rootdir", "images"}};
    made.storages["local"].volumes["local:vztmpl/rigbox_1.0_amd64.tar.gz"] =
        volume{.volid = "local:vztmpl/rigbox_1.0_amd64.tar.gz",
               .content = "vztmpl",
               .format = "tgz",
               .size = 1032839,
               .ctime = 1795431870};
    made.access.roles["FelhomAgent"].insert("VM.Config.Options");
    add_tokens(made.access, now);
    add_guests(made);
    return made;
}

inline void add_past_tasks(node& to, int count, const std::string& type, const std::string& id,
                           const std::string& status)
{
    for (auto made = 0; made < count; ++made) {
        const auto number = static_cast<int>(to.tasks.size());
        to.remember(past_task(number, type, id, status, to.now() - std::chrono::minutes{5}));
    }
}

/// The node as the exchanges of that group found it.
inline auto found_by(const std::string& group, felhom::instant now) -> node
{
    auto made = base(now);
    if (group == "lifecycle" || group == "snapshots" || group == "backup") {
        add_guest(made, 101, web("0", group == "lifecycle" ? "10.99.0.101" : "10.99.0.111"));
        // Somebody had deleted its architecture before.
        made.guests.at(105).config.current.erase("arch");
    }
    if (group == "lists") {
        add_past_tasks(made, 5, "vzcreate", "101", "OK");
        add_past_tasks(made, 1, "vzstart", "999", "Configuration file 'nodes/pve1/lxc/999.conf' does not exist");
    }
    if (group == "backup") {
        made.settings.takes.backup = std::chrono::milliseconds{600};
        made.settings.takes.stop = std::chrono::milliseconds{1400};
        made.settings.takes.start = std::chrono::milliseconds{1000};
        made.settings.takes.quiesce = std::chrono::milliseconds{5400};
        made.settings.macs = {"BC:24:11:09:00:24"};
        const auto old = std::string{"local:backup/vzdump-lxc-103-2026_11_23-11_06_22.tar"};
        made.storages["local"].volumes[old] =
            volume{.volid = old, .content = "backup", .format = "tar", .size = 1, .ctime = 1795431982, .vmid = 103};
    }
    if (group == "tasks") {
        auto& scratch = made.guests.at(104).config.current;
        scratch["description"] = "writer 4\n";
        scratch["onboot"] = "0";
        scratch["rootfs"] = "local:104/vm-104-disk-0.raw,acl=1,size=102M";
        add_past_tasks(made, 10, "vzstart", "103", "OK");
        add_past_tasks(made, 30, "vzsnapshot", "101", "OK");
        add_past_tasks(made, 1, "vzstart", "105", "missing 'arch' - internal error");
        add_past_tasks(made, 22, "vzdump", "108", "job errors");
        add_past_tasks(made, 3, "vzstart", "104", "OK");
        // One shutdown that never ended.
        auto orphan = past_task(999, "vzshutdown", "111", "", now - std::chrono::minutes{4});
        orphan.ended.reset();
        orphan.begun = false;
        made.remember(std::move(orphan));
    }
    if (group == "concurrency") {
        made.settings.takes.start = std::chrono::milliseconds{5500};
    }
    return made;
}

} // namespace captured
