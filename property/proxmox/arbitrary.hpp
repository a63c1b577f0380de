// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/rapidcheck.hpp"

#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/proxmox/model/config_changes.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/proxmox/model/disk.hpp>
#include <felhom/proxmox/model/snapshot_name.hpp>
#include <felhom/proxmox/model/storage_id.hpp>
#include <felhom/proxmox/model/volume_id.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Values of every kind, weighted to the edges of what is legal.
namespace arbitrary {

inline auto text_of(std::string_view alphabet, int least, int most) -> rc::Gen<std::string>
{
    return rc::gen::mapcat(
        rc::gen::weightedOneOf<int>(
            {{1, rc::gen::just(least)}, {1, rc::gen::just(most)}, {4, rc::gen::inRange(least, most + 1)}}),
        [letters = std::string{alphabet}](int length) {
            return rc::gen::container<std::string>(static_cast<std::size_t>(length), rc::gen::elementOf(letters));
        });
}

/// Text that tempts: what separates, quotes, ends or encodes, and any byte.
inline auto nasty_text(int most = 40) -> rc::Gen<std::string>
{
    using namespace std::string_view_literals;
    static constexpr auto tempting = "&;=+%?#/\\, \t\r\n\0\"'<>:@!aZ09.-_~\x7f\xc3\xa9"sv;
    return rc::gen::weightedOneOf<std::string>(
        {{3, text_of(tempting, 0, most)},
         {2, rc::gen::container<std::string>(rc::gen::arbitrary<char>())},
         {1, rc::gen::element(std::string{}, std::string{"%"}, std::string{"%00"}, std::string{"a=b&c;d"},
                              std::string{"\xf0\x9f\x90\xa7"})}});
}

template <typename Value>
auto parsed(rc::Gen<std::string> text) -> rc::Gen<Value>
{
    return rc::gen::map(
        rc::gen::suchThat(std::move(text), [](const std::string& t) { return Value::parse(t).has_value(); }),
        [](const std::string& t) { return *Value::parse(t); });
}

inline constexpr auto alphanumeric = std::string_view{"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"};
inline const auto with_dash = std::string{alphanumeric} + "-";
inline const auto with_all = std::string{alphanumeric} + "-_.";

inline auto node() -> rc::Gen<felhom::node_name>
{
    return parsed<felhom::node_name>(
        rc::gen::map(text_of(with_dash, 0, 61), [](const std::string& t) { return "n" + t + "1"; }));
}
inline auto guest() -> rc::Gen<felhom::vmid>
{
    return rc::gen::map(
        rc::gen::weightedOneOf<std::uint32_t>(
            {{1, rc::gen::just(100U)}, {1, rc::gen::just(999'999'999U)}, {3, rc::gen::inRange(100U, 1'000'000'000U)}}),
        [](std::uint32_t number) { return *felhom::vmid::from_number(number); });
}
inline auto storage() -> rc::Gen<felhom::proxmox::storage_id>
{
    return parsed<felhom::proxmox::storage_id>(
        rc::gen::map(text_of(with_all, 0, 98), [](const std::string& t) { return "s" + t + "1"; }));
}
inline auto volume() -> rc::Gen<felhom::proxmox::volume_id>
{
    return parsed<felhom::proxmox::volume_id>(
        rc::gen::map(text_of("abc/.:-_%&;=+,@!#?", 1, 240), [](const std::string& t) { return "local:" + t; }));
}
inline auto snapshot() -> rc::Gen<felhom::proxmox::snapshot_name>
{
    return parsed<felhom::proxmox::snapshot_name>(
        rc::gen::map(text_of(std::string{alphanumeric} + "-_", 1, 39), [](const std::string& t) { return "S" + t; }));
}
inline auto digest() -> rc::Gen<felhom::proxmox::config_digest>
{
    return parsed<felhom::proxmox::config_digest>(text_of("0123456789abcdef", 40, 40));
}
inline auto disk() -> rc::Gen<felhom::proxmox::disk_slot>
{
    return parsed<felhom::proxmox::disk_slot>(
        rc::gen::oneOf(rc::gen::just(std::string{"rootfs"}),
                       rc::gen::map(rc::gen::inRange(0, 256), [](int index) { return "mp" + std::to_string(index); })));
}

inline auto hex(std::size_t digits) -> rc::Gen<std::string>
{
    return text_of("0123456789ABCDEF", static_cast<int>(digits), static_cast<int>(digits));
}
inline auto upid_text() -> rc::Gen<std::string>
{
    return rc::gen::apply(
        [](const felhom::node_name& where, const std::string& pid, const std::string& pstart, const std::string& start,
           const std::string& type, const std::string& id, const std::string& user) {
            return "UPID:" + where.text() + ":" + pid + ":" + pstart + ":" + start + ":" + type + ":" + id + ":" + user
                   + ":";
        },
        node(), hex(8), rc::gen::oneOf(hex(8), hex(9)), hex(8),
        rc::gen::element<std::string>("vzstart", "vzdump", "imgdel", "a"),
        rc::gen::oneOf(rc::gen::element<std::string>("", "101", "100@local"), text_of("a%?#@!&=+.-1", 0, 20)),
        rc::gen::oneOf(rc::gen::element<std::string>("root@pam", "felhom@pve!agent"), text_of("a%?#@!&=+.-1", 1, 20)));
}

/// A value for one key of a configuration: mostly legal ones and their neighbours, sometimes anything.
inline auto value_for_key() -> rc::Gen<std::string>
{
    const auto numbers = rc::gen::weightedOneOf<std::string>(
        {{3, rc::gen::element<std::string>("0", "1", "2", "6", "7", "15", "16", "512", "8191", "8192", "8193", "500000",
                                           "500001", "-1", "+1", "01", "0.5", "8192.5", "1e3", "9007199254740993")},
         {2,
          rc::gen::map(rc::gen::inRange<std::int64_t>(-2, 600000), [](std::int64_t n) { return std::to_string(n); })}});
    const auto words = rc::gen::element<std::string>(
        "amd64", "arm64", "tty", "shell", "debian", "unmanaged", "veth", "host", "Europe/Berlin", "a.b.c", "a-b",
        "a;b c", "1.1.1.1", "1.1.1.1 fe80::1%eth0", "local:snippets/x.pl", "A=1", "nesting=1", "keyctl=on,nesting=0",
        "mount=nfs;cifs", "3", "order=2,up=30", "down=0", "name=eth0", "name=eth0,bridge=vmbr0,tag=1,mtu=64,rate=0.5",
        "name=a,ip=10.0.0.1/24,gw=10.0.0.2,ip6=auto,hwaddr=BC:24:11:00:01:09", "name=a,ip=dhcp,trunks=1;2,type=veth",
        "local:8,mp=/a", "/mnt,mp=/b,ro=1,size=8G", "volume=local:8,mp=/a,backup=yes,mountoptions=noatime;nodev",
        "/dev/x,mode=0660,uid=0", "path=/dev/ttyS0", "name=eth0,name=eth1", "mp=/a", "x,y", "name=eth0,tag=4095");
    return rc::gen::weightedOneOf<std::string>({{3, words}, {3, numbers}, {1, nasty_text()}});
}

inline auto config_key() -> rc::Gen<std::string>
{
    using felhom::lxc::standard_keys;
    return rc::gen::apply(
        [](std::size_t which, std::uint32_t index) {
            const auto& known = standard_keys[which];
            return std::string{known.key} + (known.indices != 0 ? std::to_string(index) : "");
        },
        rc::gen::inRange<std::size_t>(0, standard_keys.size()),
        rc::gen::weightedOneOf<std::uint32_t>(
            {{2, rc::gen::inRange(0U, 4U)}, {1, rc::gen::element(9U, 10U, 31U, 32U, 255U, 256U)}}));
}

inline auto changes() -> rc::Gen<felhom::proxmox::config_changes>
{
    using namespace felhom::proxmox;
    const auto entry = rc::gen::mapcat(config_key(), [](const std::string& key) {
        return rc::gen::map(value_for_key(), [key](const std::string& value) { return config_entry{key, value}; });
    });
    // What one key refuses alone is dropped, so that changes of many keys come out too.
    const auto made = rc::gen::apply(
        [](const std::vector<config_entry>& set, const std::vector<std::string>& remove) {
            auto good = std::vector<config_entry>{};
            auto gone = std::vector<std::string>{};
            const auto is_new = [&](const std::string& key) {
                for (const auto& e : good) {
                    if (e.key == key) {
                        return false;
                    }
                }
                return std::find(gone.begin(), gone.end(), key) == gone.end();
            };
            for (const auto& e : set) {
                if (is_new(e.key) && config_changes::make({e}, {})) {
                    good.push_back(e);
                }
            }
            for (const auto& key : remove) {
                if (is_new(key) && config_changes::make({}, {key})) {
                    gone.push_back(key);
                }
            }
            auto result = config_changes::make(good, gone);
            return result ? *result : *config_changes::make({{"memory", "512"}}, {});
        },
        rc::gen::container<std::vector<config_entry>>(entry),
        rc::gen::container<std::vector<std::string>>(config_key()));
    return made;
}

} // namespace arbitrary
