// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"
#include "support/data.hpp"

#include <felhom/proxmox/lxc/key_table.hpp>

#include <string>
#include <string_view>

using namespace felhom::lxc;
using namespace felhom::reconcile;

namespace {

constexpr auto pve8 = node_facts{.release = {8, 4}};

auto normal(std::string_view key, std::string_view text, const node_facts& facts = pve8) -> std::string
{
    const auto* const rule = key_table::standard().find(key);
    REQUIRE(rule != nullptr);
    auto form = std::string{};
    normalize(*rule, text, facts, form);
    return form;
}

auto text_of(const boost::json::value& value) -> std::string
{
    return value.is_string() ? std::string{value.as_string()} : boost::json::serialize(value);
}

} // namespace

TEST_CASE("what PVE stored has the normal form of what was sent, for every write recorded on PVE 8.4")
{
    const auto facts = node_facts{.release = {8, 4}, .cgroup_v2 = false};
    const auto table = key_table::standard();
    const auto recorded = felhom::testing::read_json_data("pve-captures/config_put.json");
    auto compared = 0;
    for (const auto& exchange : recorded.at("exchanges").as_array()) {
        const auto& object = exchange.as_object();
        if (!object.contains("sent") || !object.at("put_status").as_string().starts_with("HTTP/1.1 200")) {
            continue;
        }
        for (const auto& [key, sent] : object.at("sent").as_object()) {
            const auto* const rule = table.find(key);
            if (key == "delete" || key == "digest" || key == "revert") {
                continue;
            }
            INFO(object.at("name").as_string());
            REQUIRE(rule != nullptr);
            const auto& stored = object.at("stored").as_object().at(key);
            const auto present = stored.is_null() ? std::string{default_of(*rule, facts)} : text_of(stored);
            auto wanted = rule->complete(text_of(sent), present);
            if (text_of(sent).find("size=52M") != std::string::npos) {
                continue; // PVE corrects a size to that of the volume: it is not the size that was sent
            }
            CHECK(normal(key, wanted, facts) == normal(key, present, facts));
            ++compared;
        }
    }
    CHECK(compared > 90);
}

TEST_CASE("a description is compared without its last line end, CRLF or LF")
{
    CHECK(normal("description", "a\n") == normal("description", "a"));
    CHECK(normal("description", "a\r\nb\r\n") == normal("description", "a\nb"));
    CHECK(normal("description", "a\n\nb") != normal("description", "a\nb"));
    CHECK(normal("description", " a") != normal("description", "a"));
    CHECK(normal("description", "a\rb") != normal("description", "ab"));
}

TEST_CASE("tags are a set without case, unless the data center tells cases apart")
{
    CHECK(normal("tags", "Web, b;a A") == "a;b;web");
    CHECK(normal("tags", " ") == "");
    const auto sensitive = node_facts{.release = {8, 4}, .tags_case_sensitive = true};
    CHECK(normal("tags", "b;A;a;B", sensitive) == "A;B;a;b");
}

TEST_CASE("an interface is compared by meaning: order, veth, firewall=0, MAC case, numbers and IPv6 spelling")
{
    CHECK(
        normal("net0", "name=eth0,bridge=vmbr0,firewall=0,hwaddr=bc:24:11:0a:0b:0c,tag=010,rate=12.50,ip6=FE80:0::1/64")
        == normal("net0", "bridge=vmbr0,name=eth0,type=veth,hwaddr=BC:24:11:0A:0B:0C,rate=12.5,tag=10,ip6=fe80::1/64"));
    CHECK(normal("net0", "name=eth0,bridge=vmbr0,firewall=on") == normal("net0", "name=eth0,bridge=vmbr0,firewall=1"));
    CHECK(normal("net0", "name=eth0,bridge=vmbr0,trunks=3;2") == normal("net0", "name=eth0,bridge=vmbr0,trunks=2;3"));
    CHECK(normal("net0", "name=eth0,bridge=vmbr0") != normal("net0", "name=eth1,bridge=vmbr0"));
    CHECK(normal("net0", "name=eth0,bridge=vmbr0,host-managed=0") == normal("net0", "name=eth0,bridge=vmbr0"));
    CHECK(normal("net0", "name=eth0,bridge=vmbr0,link_down=0") == normal("net0", "name=eth0,bridge=vmbr0"));
}

TEST_CASE("a mount point is compared by volume, path with its slash, size in bytes, and flags without their defaults")
{
    CHECK(normal("mp0", "volume=local:v,mp=data,size=1024M,backup=0,replicate=1,mountoptions=nodev;noatime")
          == normal("mp0", "local:v,mp=/data,mountoptions=noatime;nodev,size=1G"));
    CHECK(normal("mp0", "local:v,mp=/data,backup=1") != normal("mp0", "local:v,mp=/data"));
    CHECK(normal("mp0", "local:v,mp=/data,replicate=0") != normal("mp0", "local:v,mp=/data"));
    CHECK(normal("mp0", "local:v,mp=/data,quota=0,ro=0,shared=0") == normal("mp0", "local:v,mp=/data"));
    CHECK(normal("rootfs", "local:v,size=8192M") == normal("rootfs", "volume=local:v,size=8G"));
}

TEST_CASE("sizes are the same where Proxmox VE reads the same number of bytes")
{
    const auto same = [](const std::string& a, const std::string& b) {
        return normal("rootfs", "local:v,size=" + a) == normal("rootfs", "local:v,size=" + b);
    };
    CHECK(same("8.5G", "8704M"));
    CHECK(same("8.0G", "8G"));
    CHECK(same("0.5T", "512G"));
    CHECK(same("1.5K", "1536"));
    CHECK(same("08G", "8G"));
    CHECK(same("0.1T", "109951162777")); // cut off behind the byte
    CHECK_FALSE(same("8.5G", "8.6G"));
    CHECK_FALSE(same("9007199254740993K", "9007199254740992K")); // no double holds the first
    CHECK_FALSE(same("8.G", "8G"));                              // no size to Proxmox VE
    CHECK_FALSE(same(".5G", "512M"));
    CHECK_FALSE(same("8.5GG", "8.5G"));
    CHECK_FALSE(same("8g", "8G"));
    CHECK_FALSE(same("99999999999999999999.5T", "99999999999999999998.5T"));
}

TEST_CASE("a device is compared without what Proxmox VE gives to one that says nothing")
{
    CHECK(normal("dev0", "path=/dev/dri/renderD128,gid=104,mode=0660")
          == normal("dev0", "/dev/dri/renderD128,gid=104"));
    CHECK(normal("dev0", "/dev/ttyUSB0,uid=0,gid=0,mode=0660,deny-write=0") == normal("dev0", "/dev/ttyUSB0"));
    CHECK(normal("dev0", "/dev/ttyUSB0,gid=00") == normal("dev0", "/dev/ttyUSB0"));
    CHECK(normal("dev0", "/dev/ttyUSB0,mode=0666") != normal("dev0", "/dev/ttyUSB0"));
    CHECK(normal("dev0", "/dev/ttyUSB0,uid=100") != normal("dev0", "/dev/ttyUSB0"));
    CHECK(normal("net0", "name=eth0,bridge=vmbr0,rate=0") == normal("net0", "name=eth0,bridge=vmbr0"));
}

TEST_CASE("a blank where name servers or search domains stand is not as good as none")
{
    for (const auto* const key : {"nameserver", "searchdomain"}) {
        CHECK(normal(key, " ") == " ");
        CHECK(normal(key, " , ;") == " ");
        CHECK(normal(key, "") == " "); // Proxmox VE stores a blank
    }
}

TEST_CASE("features are a map in which a flag that is off is absent")
{
    CHECK(normal("features", "keyctl=1,nesting=1") == normal("features", "nesting=on,keyctl=yes"));
    CHECK(normal("features", "nesting=0") == "");
    CHECK(normal("features", "nesting=1,fuse=0") == normal("features", "nesting=1"));
    CHECK(normal("features", "mount=nfs;cifs") == normal("features", "mount=cifs;nfs"));
}

TEST_CASE("a bare start order is the order")
{
    CHECK(normal("startup", "3") == normal("startup", "order=03"));
    CHECK(normal("startup", "order=3,up=5") == normal("startup", "up=5,order=3"));
}

TEST_CASE("name servers and search domains are lists in their order, addresses compare as addresses")
{
    CHECK(normal("nameserver", "1.1.1.1,FE80:0::1%eth0") == normal("nameserver", "1.1.1.1 fe80::1%eth0"));
    CHECK(normal("nameserver", "1.1.1.1 9.9.9.9") != normal("nameserver", "9.9.9.9 1.1.1.1"));
    CHECK(normal("searchdomain", "a.example;b.example") == normal("searchdomain", "a.example b.example"));
}

TEST_CASE("numbers are compared as numbers")
{
    CHECK(normal("memory", "0512") == normal("memory", "512"));
    CHECK(normal("memory", "+512") == normal("memory", "512"));
    CHECK(normal("swap", "00") == normal("swap", "0"));
    CHECK(normal("cores", "02") == normal("cores", "2"));
    CHECK(normal("tty", "02") == normal("tty", "2"));
    CHECK(normal("cpulimit", "1.50") == normal("cpulimit", "1.5"));
    CHECK(normal("cpulimit", "1e1") == normal("cpulimit", "10"));
    CHECK(normal("cpulimit", ".5") == normal("cpulimit", "0.50"));
}

TEST_CASE("cpuunits are clamped as the kernel of the node does")
{
    CHECK(normal("cpuunits", "50000") == "10000");
    CHECK(normal("cpuunits", "0") == "1");
    const auto v1 = node_facts{.release = {8, 4}, .cgroup_v2 = false};
    CHECK(normal("cpuunits", "50000", v1) == "50000");
    CHECK(normal("cpuunits", "0", v1) == "2");
}

TEST_CASE("booleans are compared by meaning in every spelling that PVE keeps")
{
    for (const auto* key : {"onboot", "protection", "console", "debug", "template", "unprivileged"}) {
        for (const auto* yes : {"1", "on", "Yes", "TRUE"}) {
            CHECK(normal(key, yes) == "1");
        }
        for (const auto* no : {"0", "off", "No", "FALSE"}) {
            CHECK(normal(key, no) == "0");
        }
    }
}

TEST_CASE("an environment is a map, whatever its order")
{
    using namespace std::string_literals;
    CHECK(normal("env", "B=2\0A=1"s) == normal("env", "A=1\0B=2\0"s));
    CHECK(normal("env", "A=1\0B=2"s) != normal("env", "A=1"s));
}

TEST_CASE("devices are compared with their path bare or named")
{
    CHECK(normal("dev0", "path=/dev/ttyUSB0,mode=0660,uid=01000") == normal("dev0", "/dev/ttyUSB0,uid=1000,mode=0660"));
    CHECK(normal("dev0", "/dev/ttyUSB0,deny-write=0") == normal("dev0", "/dev/ttyUSB0"));
}

TEST_CASE("a text that is not of its key's kind is its own normal form")
{
    CHECK(normal("memory", "lots") == "lots");
    CHECK(normal("onboot", "maybe") == "maybe");
    CHECK(normal("net0", "bridge=vmbr0,,x=1") == "bridge=vmbr0,,x=1");
    CHECK(normal("features", "unheard=1") == "unheard=1");
    CHECK(normal("rootfs", "local:v,size=8X") == "size=8X,volume=local:v");
}
