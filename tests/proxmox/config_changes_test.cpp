// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/proxmox/model/config_changes.hpp>

using namespace felhom::proxmox;

namespace {

auto refusal_of(std::vector<config_entry> set, std::vector<std::string> remove = {}) -> config_changes_error
{
    const auto made = config_changes::make(std::move(set), std::move(remove));
    REQUIRE_FALSE(made.has_value());
    return made.error();
}

} // namespace

TEST_CASE("an empty change cannot be expressed")
{
    CHECK(refusal_of({}) == config_changes_error{no_changes{}});
}

TEST_CASE("no key is set to nothing: that would be stored as a blank")
{
    CHECK(refusal_of({{"tags", ""}}) == config_changes_error{value_not_admitted{"tags", ""}});
    CHECK(refusal_of({{"description", ""}}) == config_changes_error{value_not_admitted{"description", ""}});
    CHECK(refusal_of({{"nameserver", " "}}) == config_changes_error{value_not_admitted{"nameserver", " "}});
}

TEST_CASE("a key is changed once in a call")
{
    CHECK(refusal_of({{"memory", "512"}, {"memory", "512"}}) == config_changes_error{key_given_twice{"memory"}});
    CHECK(refusal_of({{"tags", "a"}}, {"tags"}) == config_changes_error{key_given_twice{"tags"}});
    CHECK(refusal_of({}, {"swap", "swap"}) == config_changes_error{key_given_twice{"swap"}});
}

TEST_CASE("keys that lock a guest, damage it or never change are not carried")
{
    for (const auto* key : {"lock", "template", "rootfs", "unprivileged", "unused0", "digest", "delete", "vmid", "node",
                            "net32", "net01", "net", "net-1", "mp256", "memory0", "lxc", "parent", ""}) {
        INFO(key);
        CHECK(refusal_of({{key, "1"}}) == config_changes_error{key_not_settable{key}});
        CHECK(refusal_of({}, {key}) == config_changes_error{key_not_settable{key}});
    }
}

TEST_CASE("keys without which a container does not start are not deleted")
{
    for (const auto* key : {"memory", "ostype", "arch"}) {
        CHECK(refusal_of({}, {key}) == config_changes_error{key_not_deletable{key}});
    }
}

TEST_CASE("a value is held against the schema of the call")
{
    for (const auto& [key, value] : std::vector<config_entry>{{"memory", "15"},
                                                              {"memory", "+512"},
                                                              {"memory", "0512"},
                                                              {"memory", "1e3"},
                                                              {"cores", "0"},
                                                              {"cores", "8193"},
                                                              {"cpulimit", "8193"},
                                                              {"cpulimit", "8192.1"},
                                                              {"cpulimit", ".5"},
                                                              {"cpulimit", "1e1"},
                                                              {"cpuunits", "500001"},
                                                              {"onboot", "yes"},
                                                              {"onboot", "true"},
                                                              {"onboot", "2"},
                                                              {"hostname", "a_b"},
                                                              {"hostname", "-a"},
                                                              {"hostname", "a."},
                                                              {"hostname", "a..b"},
                                                              {"arch", "sparc"},
                                                              {"tty", "7"},
                                                              {"tags", "-a"},
                                                              {"tags", "a/b"},
                                                              {"nameserver", "1.1.1"},
                                                              {"searchdomain", "a b_c"},
                                                              {"net0", "bridge=x"},
                                                              {"net0", "name=e,x=1"},
                                                              {"net0", "name=a,name=b"},
                                                              {"net0", "name=e,tag=0"},
                                                              {"net0", "name=e,"},
                                                              {"net0", "eth0"},
                                                              {"features", "nesting"},
                                                              {"features", "nesting=2"},
                                                              {"features", "x=1"},
                                                              {"startup", "order=a"},
                                                              {"mp0", "local:8"},
                                                              {"mp0", "mp=/a"},
                                                              {"mp0", "/mnt/./x,mp=/a"},
                                                              {"mp0", "/mnt/..,mp=/a"},
                                                              {"mp0", "local:../x,mp=/a"},
                                                              {"mp0", "/mnt/x,mp=/a,idmap="},
                                                              {"mp0", "/mnt/x,mp=/a,idmap=u:0:0"},
                                                              {"mp0", "/mnt/x,mp=/a,idmap=u:0:0:1:1"},
                                                              {"mp0", "/mnt/x,mp=/a,idmap=x:0:0:1"},
                                                              {"mp0", "/mnt/x,mp=/a,idmap=u:0:0:1;passthrough"},
                                                              {"mp0", "/mnt/../x:y,mp=/a"},
                                                              {"dev0", "/etc/x"},
                                                              {"dev0", "mode=0660"},
                                                              {"timezone", "/etc/x"},
                                                              {"timezone", "+1"},
                                                              {"hookscript", "x"},
                                                              {"env", "a"},
                                                              {"entrypoint", "a\nb"},
                                                              {"net0", "name=e,ip=10.0.0.1"},
                                                              {"net0", "name=e,ip=10.0.0.1/7"},
                                                              {"net0", "name=e,ip6=fd00::1/7"},
                                                              {"net0", "name=e,gw6=1:2:3"},
                                                              {"net0", "name=e,hwaddr=01:00:00:00:00:00"},
                                                              {"description", std::string(8193, 'x')}}) {
        INFO(key << " " << value);
        CHECK(refusal_of({{key, value}}) == config_changes_error{value_not_admitted{key, value}});
    }
}

TEST_CASE("the values that Proxmox VE itself prints are taken")
{
    for (const auto& [key, value] : std::vector<config_entry>{
             {"net0", "name=eth0,bridge=vmbr0,firewall=1,gw=192.168.7.1,hwaddr=BC:24:11:00:01:09,ip=192.168.7.9/24,ip6="
                      "auto,rate=12.5,tag=10,trunks=1;2,type=veth"},
             {"net31", "name=eth0,ip6=fe80::1/64,gw6=fe80::2"},
             {"net2", "name=eth2,ip=10.0.0.1/8,ip6=::ffff:10.0.0.1/8"},
             {"mp0", "local:109/vm-109-disk-1.raw,mp=/srv/data,backup=1,size=4G"},
             {"mp1", "/mnt/host,mp=/mnt/guest,ro=1,mountoptions=noatime;nodev"},
             {"mp2", "/mnt/v1..v2,mp=/srv/v1"},
             {"mp3", "/mnt/data,mp=/data,idmap=u:1005:1005:1;g:1005:1005:1"},
             {"mp4", "/mnt/data,mp=/data,idmap=passthrough"},
             {"dev0", "/dev/ttyUSB0,mode=0660,uid=0"},
             {"features", "keyctl=1,nesting=on,mount=nfs;cifs"},
             {"startup", "order=2,up=30,down=60"},
             {"startup", "3"},
             {"cpulimit", "0.50"},
             {"cpulimit", "8192.0"},
             {"nameserver", "1.1.1.1 fe80::1%eth0"},
             {"searchdomain", "example.com"},
             {"tags", "prod;web"},
             {"hostname", std::string(64, 'a') + ".example"},
             {"hookscript", "local:snippets/hook.pl"},
             {"timezone", "Europe/Berlin"},
             {"env", std::string{"A=1\0B=2", 7}},
             {"description", "a:b%\r\n\xf0\x9f\x90\xa7\n"},
         }) {
        INFO(key << " " << value);
        CHECK(config_changes::make({{key, value}}, {}).has_value());
    }
}
