// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/lxc/address.hpp>
#include <felhom/proxmox/lxc/completion.hpp>
#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/lxc/desired_check.hpp>
#include <felhom/proxmox/lxc/device_properties.hpp>
#include <felhom/proxmox/lxc/feature_properties.hpp>
#include <felhom/proxmox/lxc/mount_point_properties.hpp>
#include <felhom/proxmox/lxc/network_properties.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/lxc/normal_form.hpp>
#include <felhom/proxmox/lxc/text_shape.hpp>
#include <felhom/proxmox/lxc/value_kind.hpp>

#include <array>
#include <string_view>

namespace felhom::lxc {

inline constexpr auto architectures =
    std::array<std::string_view, 6>{"amd64", "i386", "arm64", "armhf", "riscv32", "riscv64"};
inline constexpr auto console_modes = std::array<std::string_view, 3>{"tty", "console", "shell"};
inline constexpr auto os_types =
    std::array<std::string_view, 11>{"debian",    "devuan", "ubuntu", "centos", "fedora",   "opensuse",
                                     "archlinux", "alpine", "gentoo", "nixos",  "unmanaged"};

inline constexpr auto start_order_properties = std::array{
    property_rule{.name = "order", .admits = integer{0, unbounded}},
    property_rule{.name = "up", .admits = integer{0, unbounded}},
    property_rule{.name = "down", .admits = integer{0, unbounded}},
};

/// Every configuration key of a container that is known here; a key outside it is an error in a desired state, refused
/// in a signed operation, and untouched in an actual state. From pve-container PVE/LXC/Config.pm ($confdesc), and from
/// writes recorded on PVE 8.4.21.
inline constexpr auto standard_keys = std::array{
    config_key{.key = "arch",
               .admits = one_of{architectures},
               .deletable = false, // PVE accepts the delete, and the guest never starts again
               .effect = applies::pending,
               .privilege = "VM.Config.Options",
               .managed = management::immutable},
    config_key{.key = "cmode",
               .admits = one_of{console_modes},
               .default_value = "tty",
               .effect = applies::pending,
               .privilege = "VM.Config.Options"},
    config_key{.key = "console",
               .admits = boolean{},
               .default_value = "1",
               .effect = applies::pending,
               .privilege = "VM.Config.Options"},
    config_key{.key = "cores", .admits = integer{1, 8192}, .privilege = "VM.Config.CPU"},
    config_key{.key = "cpulimit", .admits = number{0, 8192}, .default_value = "0", .privilege = "VM.Config.CPU"},
    config_key{.key = "cpuunits",
               .admits = integer{0, 500'000},
               .privilege = "VM.Config.CPU",
               .normalize = normalize_cpuunits},
    config_key{.key = "debug",
               .admits = boolean{},
               .default_value = "0",
               .effect = applies::pending,
               .privilege = "VM.Config.Options"},
    config_key{.key = "description",
               .admits = text{8192, is_any},
               .desired = {"a text of at most 8192 characters, none of them U+0000", has_no_nul},
               .privilege = "VM.Config.Options",
               .normalize = normalize_description},
    config_key{.key = "dev",
               .indices = 256,
               .admits = device_format,
               .since = {.major = 8, .minor = 1},
               .desired = {"a device such as /dev/ttyUSB0,mode=0660", has_no_blank},
               .effect = applies::pending,
               .privilege = "VM.Config.Options",
               .managed = management::root_only},
    config_key{.key = "entrypoint",
               .admits = text{4096, is_line},
               .since = {.major = 9, .minor = 1},
               .default_value = "/sbin/init",
               .desired = {"a text on one line"},
               .effect = applies::pending,
               .privilege = "VM.Config.Options"},
    config_key{.key = "env",
               .admits = text{65536, is_joined<is_assignment, '\0'>},
               .since = {.major = 9, .minor = 1},
               .desired = {"NAME=value separated by NUL characters"},
               .effect = applies::pending,
               .privilege = "VM.Config.Options",
               .read_privilege = "VM.Config.Options", // pve-container PVE/API2/LXC.pm, delete_read_restricted_options
               .normalize = normalize_environment},
    config_key{.key = "features",
               .admits = feature_format,
               .desired = {"features such as nesting=1", has_no_blank},
               .effect = applies::pending,
               .privilege = "VM.Allocate",
               .managed = management::nesting_only,
               .complete = complete_features},
    config_key{.key = "hookscript",
               .admits = text{255, is_volume_id},
               .desired = {"a volume such as local:snippets/hook.pl"},
               .privilege = "VM.Config.Options",
               .managed = management::root_only},
    config_key{.key = "hostname",
               .admits = text{255, is_dns_name},
               .desired = {"a DNS name", has_short_labels},
               .privilege = "VM.Config.Network",
               .weight = consequence::connectivity_risk},
    config_key{.key = "lock", .admits = text{255, is_line}, .in_calls = false, .managed = management::pve},
    config_key{.key = "lxc", .admits = text{255, is_line}, .in_calls = false, .managed = management::pve},
    config_key{.key = "memory",
               .admits = integer{16, unbounded},
               .deletable = false,
               .default_value = "512",
               .desired = {"an integer from 16 to 1073741824", is_amount_of_memory},
               .privilege = "VM.Config.Memory"},
    config_key{.key = "mp",
               .indices = 256,
               .admits = mount_point_format,
               .desired = {"a mount point such as local-lvm:8,mp=/data", has_no_blank},
               .effect = applies::pending,
               .privilege = "VM.Config.Disk",
               .weight = consequence::destructive,
               .managed = management::storage,
               .complete = complete_mount_point},
    config_key{.key = "nameserver",
               .admits = text{1024, is_list_of<is_name_server>},
               .desired = {"IP addresses separated by blanks"},
               .effect = applies::pending,
               .privilege = "VM.Config.Network",
               .weight = consequence::connectivity_risk,
               .normalize = normalize_name_servers},
    config_key{.key = "net",
               .indices = 32,
               .admits = network_format,
               .desired = {"an interface such as name=eth0,bridge=vmbr0,ip=10.0.0.2/24 with at least name and bridge",
                           has_bridge},
               .privilege = "VM.Config.Network",
               .weight = consequence::connectivity_risk,
               .complete = complete_net},
    config_key{.key = "onboot", .admits = boolean{}, .default_value = "0", .privilege = "VM.Config.Options"},
    config_key{.key = "ostype",
               .admits = one_of{os_types},
               .deletable = false,
               .effect = applies::pending,
               .privilege = "VM.Config.Options",
               .managed = management::immutable},
    config_key{.key = "parent", .admits = text{255, is_line}, .in_calls = false, .managed = management::pve},
    config_key{.key = "protection",
               .admits = boolean{},
               .default_value = "0",
               .privilege = "VM.Config.Options",
               .managed = management::set_only},
    config_key{.key = "rootfs",
               .admits = root_disk_format,
               .deletable = false,
               .in_calls = false, // a PUT damages it
               .desired = {"a root disk such as local-lvm:vm-101-disk-0,size=8G", has_no_blank},
               .effect = applies::pending,
               .privilege = "VM.Config.Disk",
               .weight = consequence::destructive,
               .managed = management::storage,
               .complete = complete_mount_point},
    config_key{.key = "searchdomain",
               .admits = text{1024, is_list_of<is_dns_name>},
               .desired = {"DNS names separated by blanks", has_short_labels},
               .effect = applies::pending,
               .privilege = "VM.Config.Network",
               .weight = consequence::connectivity_risk,
               .normalize = normalize_word_list},
    config_key{.key = "startup",
               .admits = property_string{start_order_properties, "order"},
               .desired = {"a start order such as order=3,up=10,down=60", has_short_numbers},
               .privilege = "VM.Config.Options"},
    config_key{.key = "swap",
               .admits = integer{0, unbounded},
               .desired = {"an integer from 0 to 1073741824", is_amount_of_memory},
               .privilege = "VM.Config.Memory"},
    config_key{.key = "tags",
               .admits = text{8192, is_list_of<is_tag>},
               .desired = {"tags of A-Z a-z 0-9 _ + . - separated by ';'"},
               .privilege = "VM.Config.Options",
               .normalize = normalize_tags},
    config_key{.key = "template",
               .admits = boolean{},
               .default_value = "0",
               .in_calls = false, // nobody but root takes it back
               .effect = applies::pending,
               .privilege = "VM.Config.Options",
               .managed = management::immutable},
    config_key{.key = "timezone",
               .admits = text{255, is_time_zone},
               .desired = {"'host' or a time zone such as Europe/Berlin"},
               .effect = applies::pending,
               .privilege = "VM.Config.Options"},
    config_key{.key = "tty",
               .admits = integer{0, 6},
               .default_value = "2",
               .effect = applies::pending,
               .privilege = "VM.Config.Options"},
    config_key{.key = "unprivileged",
               .admits = boolean{},
               .deletable = false,
               .default_value = "0", // absent from the file means privileged, whatever create's default is
               .in_calls = false,    // a PUT never changes it
               .managed = management::immutable},
    config_key{.key = "unused",
               .indices = 256,
               .admits = text{255, is_volume_id},
               .in_calls = false, // its deletion frees a volume for good
               .managed = management::pve},
};

/// What the absence of a key means on this node, in normal form; empty where it is PVE's choice.
[[nodiscard]] inline auto default_of(const config_key& rule, const node_facts& facts) -> std::string_view
{
    if (rule.key == "cpuunits") { // the one default that the kernel decides (pve-common PVE/CGroup.pm)
        return facts.cgroup_v2 ? "100" : "1024";
    }
    return rule.default_value;
}

/// When setting or removing a key takes effect in a running guest. Interfaces are unplugged by the digit after "net",
/// so that the removal of net10 and above waits for a restart (pve-container PVE/LXC/Config.pm,
/// vmconfig_hotplug_pending).
[[nodiscard]] inline auto effect_of(const config_key& rule, std::string_view key, bool removed) -> applies
{
    const auto two_digits = key.size() >= rule.key.size() + 2;
    return removed && rule.key == "net" && two_digits ? applies::pending : rule.effect;
}

} // namespace felhom::lxc
