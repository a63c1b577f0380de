// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/lxc/normal_form.hpp>
#include <felhom/proxmox/lxc/text_shape.hpp>

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Addresses as Proxmox VE takes them, and their normal forms: they compare as addresses, not as texts.
namespace felhom::lxc {

struct ip_address {
    int family; ///< AF_INET or AF_INET6
    std::array<unsigned char, 16> bytes;

    friend auto operator==(const ip_address&, const ip_address&) -> bool = default;
};

[[nodiscard]] inline auto read_address(std::string_view text) -> std::optional<ip_address>
{
    auto terminated = std::array<char, INET6_ADDRSTRLEN>{};
    if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) {
        return std::nullopt;
    }
    text.copy(terminated.data(), text.size());
    auto address = ip_address{.family = text.find(':') == std::string_view::npos ? AF_INET : AF_INET6, .bytes = {}};
    if (::inet_pton(address.family, terminated.data(), address.bytes.data()) != 1) {
        return std::nullopt;
    }
    return address;
}

[[nodiscard]] inline auto is_ipv4(std::string_view text) -> bool
{
    const auto address = read_address(text);
    return address && address->family == AF_INET;
}

[[nodiscard]] inline auto is_ipv6(std::string_view text) -> bool
{
    const auto address = read_address(text);
    return address && address->family == AF_INET6;
}

/// The address of a name server, IPv6 perhaps with its interface: "fe80::1%eth0".
[[nodiscard]] inline auto is_name_server(std::string_view text) -> bool
{
    const auto percent = text.find('%');
    return percent == std::string_view::npos
               ? read_address(text).has_value()
               : is_ipv6(text.substr(0, percent)) && is_name_word(text.substr(percent + 1));
}

/// An address and the length of its prefix, which is of at least 8 bits (pve-common PVE/JSONSchema.pm,
/// pve_verify_cidrv4 and pve_verify_cidrv6).
[[nodiscard]] inline auto is_network_of(int family, std::string_view text) -> bool
{
    const auto slash = text.find('/');
    const auto address = read_address(text.substr(0, slash));
    const auto digits = slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1);
    const auto length = parse_decimal<int>(digits);
    return address && address->family == family && length && !digits.starts_with('0') && *length >= 8
           && *length <= (family == AF_INET ? 32 : 128);
}

[[nodiscard]] inline auto is_ipv4_config(std::string_view text) -> bool
{
    return text == "dhcp" || text == "manual" || is_network_of(AF_INET, text);
}

[[nodiscard]] inline auto is_ipv6_config(std::string_view text) -> bool
{
    return text == "auto" || text == "dhcp" || text == "manual" || is_network_of(AF_INET6, text);
}

/// The address of an interface. The least bit of the first byte marks that of a group, which no interface may have.
[[nodiscard]] constexpr auto is_mac(std::string_view text) -> bool
{
    return ascii::is_hex_in_shape(text, "xx:xx:xx:xx:xx:xx")
           && std::string_view{"02468aceACE"}.find(text[1]) != std::string_view::npos;
}

inline void append_address(const ip_address& address, std::string& out)
{
    auto text = std::array<char, INET6_ADDRSTRLEN>{};
    out += ::inet_ntop(address.family, address.bytes.data(), text.data(), text.size());
}

/// An address; an interface behind a per-cent sign, as link-local name servers have, is kept.
inline void normalize_address(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    const auto scope = text.find('%');
    if (const auto address = read_address(text.substr(0, scope))) {
        append_address(*address, out);
        if (scope != std::string_view::npos) {
            out += text.substr(scope);
        }
    } else {
        out += text;
    }
}

/// An interface's address: CIDR, or one of the words dhcp, auto and manual. The host part stays: it is the address.
inline void normalize_interface_address(std::string_view text, const node_facts& facts, std::string& out)
{
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) {
        out += text;
        return;
    }
    normalize_address(text.substr(0, slash), facts, out);
    out += '/';
    normalize_integer(text.substr(slash + 1), facts, out);
}

inline void normalize_name_servers(std::string_view text, const node_facts& facts, std::string& out)
{
    normalize_words(text, out, [&](std::string_view word) { normalize_address(word, facts, out); });
}

/// PVE invents MAC addresses in upper case and keeps the case of given ones.
inline void normalize_mac(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    for (const auto c : text) {
        out += ascii::is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
    }
}

} // namespace felhom::lxc
