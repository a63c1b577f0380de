// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/lxc/address.hpp>
#include <felhom/proxmox/lxc/text_shape.hpp>
#include <felhom/proxmox/lxc/value_kind.hpp>

#include <array>
#include <string_view>

/// The properties of an interface, `net[n]`.
namespace felhom::lxc {

inline constexpr auto interface_types = std::array<std::string_view, 1>{"veth"};

inline constexpr auto network_properties = std::array{
    property_rule{.name = "name", .admits = text{255, is_name_word}, .required = true},
    property_rule{.name = "bridge", .admits = text{255, is_name_word}},
    property_rule{.name = "firewall", .admits = boolean{}, .default_value = "0"},
    property_rule{.name = "gw", .admits = text{15, is_ipv4}, .normalize = normalize_address},
    property_rule{.name = "gw6", .admits = text{45, is_ipv6}, .normalize = normalize_address},
    property_rule{.name = "host-managed", .admits = boolean{}, .default_value = "0", .since = {.major = 9, .minor = 1}},
    property_rule{.name = "hwaddr", .admits = text{17, is_mac}, .normalize = normalize_mac},
    property_rule{.name = "ip", .admits = text{18, is_ipv4_config}, .normalize = normalize_interface_address},
    property_rule{.name = "ip6", .admits = text{49, is_ipv6_config}, .normalize = normalize_interface_address},
    property_rule{.name = "link_down", .admits = boolean{}, .default_value = "0"},
    property_rule{.name = "mtu", .admits = integer{64, 65535}},
    property_rule{.name = "rate", .admits = number{0, unbounded}, .default_value = "0"}, // no limit
    property_rule{.name = "tag", .admits = integer{1, 4094}},
    property_rule{
        .name = "trunks", .admits = text{4096, is_joined<is_digits, ';'>}, .normalize = normalize_semicolon_set},
    property_rule{.name = "type", .admits = one_of{interface_types}, .default_value = "veth"}, // PVE adds it to all
};

inline constexpr auto network_format = property_string{network_properties};

} // namespace felhom::lxc
