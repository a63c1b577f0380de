// SPDX-License-Identifier: Apache-2.0
#include "proxmox/sample.hpp"
#include "support/catch.hpp"

#include <felhom/proxmox/api/mutate.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/model/slot_volume.hpp>

#include <ostream>
#include <string>
#include <tuple>

using namespace felhom::proxmox;

namespace {

auto written(const request& call) -> std::string
{
    static constexpr const char* methods[] = {"GET", "POST", "PUT", "DELETE"};
    return std::string{methods[static_cast<int>(call.method())]} + " " + call.target()
           + (call.form().empty() ? "" : " " + call.form());
}

template <typename T>
auto written(const question<T>& asked) -> std::string
{
    return written(asked.request);
}

const auto a_digest = *config_digest::parse("4202c1092a6b4e06374400f8f332c3b6fadb450b");
const auto local = *storage_id::parse("local");

} // namespace

TEST_CASE("every read is a GET with its parameters in the query")
{
    const auto node = sample::node();
    const auto id = sample::guest();
    CHECK(written(read::version()) == "GET /version");
    CHECK(written(read::nodes()) == "GET /nodes");
    CHECK(written(read::node_status(node)) == "GET /nodes/pve1/status");
    CHECK(written(read::cluster_guests()) == "GET /cluster/resources?type=vm");
    CHECK(written(read::permissions_on(sample::guest(101))) == "GET /access/permissions?path=%2Fvms%2F101");
    CHECK(written(read::cluster_status()) == "GET /cluster/status");
    CHECK(written(read::cluster_nodes()) == "GET /cluster/resources?type=node");
    CHECK(written(read::cluster_options()) == "GET /cluster/options");
    CHECK(written(read::permissions()) == "GET /access/permissions");
    CHECK(written(read::guests(node)) == "GET /nodes/pve1/lxc");
    CHECK(written(read::virtual_machines(node)) == "GET /nodes/pve1/qemu");
    CHECK(written(read::guest_status(node, id)) == "GET /nodes/pve1/lxc/101/status/current");
    CHECK(written(read::config_merged(node, id)) == "GET /nodes/pve1/lxc/101/config");
    CHECK(written(read::config_current(node, id)) == "GET /nodes/pve1/lxc/101/config?current=1");
    CHECK(written(read::pending(node, id)) == "GET /nodes/pve1/lxc/101/pending");
    CHECK(written(read::snapshots(node, id)) == "GET /nodes/pve1/lxc/101/snapshot");
    CHECK(written(read::storages()) == "GET /storage");
    CHECK(written(read::node_storages(node)) == "GET /nodes/pve1/storage");
    CHECK(written(read::storage_status(node, *storage_id::parse("local-zfs")))
          == "GET /nodes/pve1/storage/local-zfs/status");
    CHECK(written(read::storage_content(node, local, volume_kind::backup, id))
          == "GET /nodes/pve1/storage/local/content?content=backup&vmid=101");
    CHECK(written(read::active_tasks(node)) == "GET /nodes/pve1/tasks?source=active&limit=1000");
    CHECK(written(read::past_tasks(node, 5, id)) == "GET /nodes/pve1/tasks?limit=5&vmid=101");
}

TEST_CASE("a UPID in a path is percent-encoded")
{
    CHECK(written(read::task_status(sample::task()))
          == "GET /nodes/pve1/tasks/UPID%3Apve1%3A00000001%3A0006B329%3A6B041E06%3Avzstart%3A101%3Afelhom%40pve%21agent"
             "%3A/status");
}

TEST_CASE("power is switched by calls without surprises: a shutdown kills only when it is told to")
{
    const auto node = sample::node();
    const auto id = sample::guest();
    CHECK(written(mutate::start(node, id)) == "POST /nodes/pve1/lxc/101/status/start");
    CHECK(written(mutate::stop(node, id)) == "POST /nodes/pve1/lxc/101/status/stop");
    CHECK(written(mutate::shutdown(node, id, timeout_seconds{60}))
          == "POST /nodes/pve1/lxc/101/status/shutdown timeout=60&forceStop=0");
    CHECK(written(mutate::shutdown(node, id, timeout_seconds{5}, true))
          == "POST /nodes/pve1/lxc/101/status/shutdown timeout=5&forceStop=1");
}

TEST_CASE("a configuration call carries its digest, then what goes, then what is set, with nothing left to split on")
{
    const auto changes = config_changes::make(
        {{"net0", "name=eth0,bridge=vmbr0"}, {"description", "a&b;c=d+e%\n\xc3\xa9"}}, {"tags", "nameserver"});
    REQUIRE(changes.has_value());
    const auto harmless = harmless_changes::of(*changes);
    REQUIRE(harmless.has_value());
    CHECK(written(mutate::set_config(sample::node(), sample::guest(), *harmless, a_digest))
          == "PUT /nodes/pve1/lxc/101/config digest=4202c1092a6b4e06374400f8f332c3b6fadb450b"
             "&delete=nameserver%2Ctags"
             "&description=a%26b%3Bc%3Dd%2Be%25%0A%C3%A9"
             "&net0=name%3Deth0%2Cbridge%3Dvmbr0");
}

TEST_CASE("a change that drops a guard or touches a volume is nobody's to make but the gate's")
{
    const auto needs_signature = [](std::vector<config_entry> set, std::vector<std::string> remove) {
        const auto made = harmless_changes::of(*config_changes::make(std::move(set), std::move(remove)));
        return made ? std::string{"none"} : made.error().key;
    };
    CHECK(needs_signature({{"protection", "0"}}, {}) == "protection");
    CHECK(needs_signature({{"protection", "1"}}, {}) == "none");
    CHECK(needs_signature({}, {"protection"}) == "protection");
    CHECK(needs_signature({}, {"mp0"}) == "mp0");
    CHECK(needs_signature({{"mp12", "local:8,mp=/data"}}, {}) == "mp12");
    CHECK(needs_signature({}, {"dev3"}) == "dev3");
    CHECK(needs_signature({}, {"hookscript"}) == "hookscript");
    CHECK(needs_signature({{"ostype", "debian"}}, {}) == "ostype");
    CHECK(needs_signature({{"memory", "512"}, {"net0", "name=eth0"}}, {"description"}) == "none");
}

TEST_CASE("a restore under a free id never asks to overwrite")
{
    const auto options = restore_options{
        .archive = *volume_id::parse("local:backup/vzdump-lxc-101-2026_01_31-03_00_01.tar.zst"),
        .storage = *storage_id::parse("local-lvm"),
    };
    CHECK(written(mutate::restore(sample::node(), sample::guest(130), options))
          == "POST /nodes/pve1/lxc vmid=130&ostemplate=local%3Abackup%2Fvzdump-lxc-101-2026_01_31-03_00_01.tar.zst"
             "&restore=1&storage=local-lvm&unique=0");
}

TEST_CASE("a disk grows to a size in the largest unit that divides it")
{
    const auto resized = [](std::uint64_t bytes) {
        return mutate::resize(sample::node(), sample::guest(), *disk_slot::parse("mp0"), disk_size{bytes}, a_digest)
            .form();
    };
    CHECK(resized(std::uint64_t{8} << 30U) == "disk=mp0&size=8G&digest=4202c1092a6b4e06374400f8f332c3b6fadb450b");
    CHECK(disk_size{(std::uint64_t{17} << 30U) / 2}.text() == "8704M");
    CHECK(disk_size{1000}.text() == "1000");
    CHECK(disk_size{0}.text() == "0");
}

TEST_CASE("a size is read as Proxmox VE reads it, and one that it does not read is none")
{
    for (const auto& [text, same_as] : std::vector<std::pair<std::string, std::string>>{{"128G", "128G"},
                                                                                        {"131072M", "128G"},
                                                                                        {"8.5G", "8704M"},
                                                                                        {"0.5K", "512"},
                                                                                        {"1000", "1000"},
                                                                                        {"2T", "2T"},
                                                                                        {"1.0000000001G", "1G"},
                                                                                        {"0", "0"}}) {
        INFO(text);
        REQUIRE(disk_size::parse(text).has_value());
        CHECK(disk_size::parse(text)->text() == same_as);
    }
    for (const auto* text : {"", "G", "+8G", "-8G", "8g", "8GB", "8 G", " 8G", "8.G", ".5G", "8,5G", "0x8", "1e3",
                             "99999999999999999999", "9999999T"}) {
        INFO(text);
        CHECK_FALSE(disk_size::parse(text).has_value());
    }
}

TEST_CASE("the volume of a slot has an id and a size, and a path of the host has none")
{
    const auto read = parse_slot_volume("local-zfs:subvol-106-disk-1,mp=/srv,backup=1,size=64G");
    REQUIRE(read.has_value());
    CHECK(read->id.text() == "local-zfs:subvol-106-disk-1");
    CHECK(read->size.text() == "64G");
    CHECK(parse_slot_volume("size=8192M,volume=local:101/vm-101-disk-0.raw")
          == slot_volume{*volume_id::parse("local:101/vm-101-disk-0.raw"), disk_size{std::uint64_t{8} << 30U}});
    for (const auto* text : {"/mnt/pictures,mp=/pictures", "/dev/sdb1,mp=/usb,size=8G", "local-lvm:vm-101-disk-0", "",
                             ",", "local-lvm:vm-101-disk-0,size=big"}) {
        INFO(text);
        CHECK_FALSE(parse_slot_volume(text).has_value());
    }
}

TEST_CASE("a snapshot's description is left out when there is none")
{
    const auto name = *snapshot_name::parse("before_update");
    CHECK(written(mutate::snapshot(sample::node(), sample::guest(), name, ""))
          == "POST /nodes/pve1/lxc/101/snapshot snapname=before_update");
    CHECK(written(mutate::snapshot(sample::node(), sample::guest(), name, "why"))
          == "POST /nodes/pve1/lxc/101/snapshot snapname=before_update&description=why");
}

TEST_CASE("ids that Proxmox VE would not take, or would take for something else, cannot be made")
{
    for (const auto* text : {"", "x", "current", "CURRENT", "vzdump", "pending", "1ab", "a b", "a/b", "a.b",
                             "a2345678901234567890123456789012345678901"}) {
        INFO(text);
        CHECK_FALSE(snapshot_name::parse(text).has_value());
    }
    for (const auto* text : {"", "a", "1a", "a-", "a/b", "a b", "-ab"}) {
        INFO(text);
        CHECK_FALSE(storage_id::parse(text).has_value());
    }
    for (const auto* text : {"", "local", "local:", ":x", "local:a b", "local:a\n"}) {
        INFO(text);
        CHECK_FALSE(volume_id::parse(text).has_value());
    }
    for (const auto* text : {"", "abc", "4202C1092a6b4e06374400f8f332c3b6fadb450b"}) {
        INFO(text);
        CHECK_FALSE(config_digest::parse(text).has_value());
    }
    for (const auto* text : {"", "mp", "mp256", "mp01", "mp-1", "root", "unused0"}) {
        INFO(text);
        CHECK_FALSE(disk_slot::parse(text).has_value());
    }
}
