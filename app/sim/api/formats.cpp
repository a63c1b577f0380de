// SPDX-License-Identifier: Apache-2.0
#include "sim/api/formats.hpp"

#include "sim/api/text.hpp"

#include <felhom/core/ascii.hpp>
#include <felhom/core/decimal.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <map>

namespace felhom::sim {

namespace {

using refusal_text = std::optional<std::string>;

auto unless(bool fits, std::string text) -> refusal_text
{
    return fits ? refusal_text{} : refusal_text{std::move(text)};
}

auto is_word(char c) -> bool
{
    return ascii::is_alphanumeric(c) || c == '_';
}

auto is_ipv4(const std::string& text) -> bool
{
    auto address = in_addr{};
    return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

auto is_ipv6(const std::string& text) -> bool
{
    auto address = in6_addr{};
    return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

/// An address, a slash and a prefix length of 8 to `longest` bits (pve-common JSONSchema.pm, pve_verify_cidrv4).
auto is_network(std::string_view text, bool (*is_address)(const std::string&), std::int64_t longest) -> bool
{
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) {
        return false;
    }
    static constexpr auto shortest = 8;
    const auto prefix = text.substr(slash + 1);
    return is_address(std::string{text.substr(0, slash)}) && is_decimal(prefix) && prefix.size() <= 3
           && number_of(prefix) >= shortest && number_of(prefix) <= longest;
}

auto is_dns_label(std::string_view label) -> bool
{
    const auto legal = [](char c) { return ascii::is_alphanumeric(c) || c == '-'; };
    return !label.empty() && label.front() != '-' && label.back() != '-' && std::ranges::all_of(label, legal);
}

auto is_dns_name(std::string_view name) -> bool
{
    while (true) {
        const auto dot = name.find('.');
        if (!is_dns_label(name.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        name.remove_prefix(dot + 1);
    }
}

auto is_tag(std::string_view tag) -> bool
{
    const auto legal = [](char c) { return is_word(c) || c == '.' || c == '+' || c == '-'; };
    return !tag.empty() && is_word(tag.front()) && std::ranges::all_of(tag, legal);
}

auto is_configid(std::string_view id) -> bool
{
    const auto legal = [](char c) { return is_word(c) || c == '-'; };
    return id.size() > 1 && ascii::is_letter(id.front()) && std::ranges::all_of(id, legal);
}

auto is_vmid(std::string_view id) -> bool
{
    return is_decimal(id) && id.front() != '0' && id.size() >= 3 && id.size() <= 9;
}

auto is_startup_order(std::string_view text) -> bool
{
    const auto fits = [](std::string_view part) {
        for (const auto* const key : {"order=", "up=", "down="}) {
            if (part.starts_with(key)) {
                return is_decimal(part.substr(part.find('=') + 1));
            }
        }
        return is_decimal(part);
    };
    return !text.empty() && std::ranges::all_of(split(text, ","), fits);
}

/// An Area/City name. The pure part reads no zone.tab: the areas of the tz database stand for it.
auto is_timezone(std::string_view zone) -> bool
{
    static constexpr auto areas =
        std::array<std::string_view, 11>{"Africa/",    "America/", "Antarctica/", "Arctic/",  "Asia/", "Atlantic/",
                                         "Australia/", "Europe/",  "Indian/",     "Pacific/", "Etc/"};
    return zone == "host" || zone == "UTC" || std::ranges::any_of(areas, [&](auto area) {
               return zone.starts_with(area) && zone.size() > area.size();
           });
}

auto is_unicast_mac(std::string_view mac) -> bool
{
    static constexpr auto length = std::size_t{17};
    if (mac.size() != length) {
        return false;
    }
    for (auto at = std::size_t{0}; at < length; ++at) {
        const auto digit = ascii::to_lower(mac[at]);
        if (at % 3 == 2 ? digit != ':' : !ascii::is_digit(digit) && (digit < 'a' || digit > 'f')) {
            return false;
        }
    }
    const auto first = parse_hexadecimal<unsigned>(mac.substr(0, 2));
    return first && (*first & 1U) == 0;
}

auto is_disk_size(std::string_view size) -> bool
{
    const auto digits = size.substr(0, size.find_first_not_of("0123456789."));
    const auto unit = size.substr(digits.size());
    return !digits.empty() && (unit.empty() || unit == "K" || unit == "M" || unit == "G" || unit == "T");
}

auto is_storage_id(std::string_view id) -> bool
{
    const auto legal = [](char c) { return is_word(c) || c == '-' || c == '.'; };
    return id.size() > 1 && ascii::is_letter(id.front()) && ascii::is_alphanumeric(id.back())
           && std::ranges::all_of(id, legal);
}

auto is_volume_id(std::string_view id) -> bool
{
    const auto colon = id.find(':');
    return colon != std::string_view::npos && is_storage_id(id.substr(0, colon)) && colon + 1 < id.size();
}

using check = refusal_text (*)(std::string_view);

auto checks() -> const std::map<std::string, check, std::less<>>&
{
    static const auto table = std::map<std::string, check, std::less<>>{
        {"pve-vmid", [](auto v) { return unless(is_vmid(v), "value does not look like a valid VM ID\n"); }},
        {"dns-name", [](auto v) { return unless(is_dns_name(v), "value does not look like a valid DNS name\n"); }},
        {"pve-node", [](auto v) { return unless(is_dns_label(v), "value does not look like a valid node name\n"); }},
        {"ipv4", [](auto v) { return unless(is_ipv4(std::string{v}), "value is not a valid IPv4 address\n"); }},
        {"ipv6", [](auto v) { return unless(is_ipv6(std::string{v}), "value is not a valid IPv6 address\n"); }},
        {"lxc-ip-with-ll-iface",
         [](auto v) {
             const auto bare = std::string{v.substr(0, v.find('%'))};
             const auto fits = is_ipv6(bare) || (is_ipv4(bare) && bare.size() == v.size());
             return unless(fits, "value does not look like a valid IP address\n");
         }},
        {"pve-ipv4-config",
         [](auto v) {
             return unless(v == "dhcp" || v == "manual" || is_network(v, is_ipv4, 32),
                           "value does not look like a valid ipv4 network configuration\n");
         }},
        {"pve-ipv6-config",
         [](auto v) {
             return unless(v == "auto" || v == "dhcp" || v == "manual" || is_network(v, is_ipv6, 128),
                           "value does not look like a valid ipv6 network configuration\n");
         }},
        {"mac-addr",
         [](auto v) { return unless(is_unicast_mac(v), "value does not look like a valid unicast MAC address\n"); }},
        {"pve-tag", [](auto v) { return unless(is_tag(v), "invalid characters in tag\n"); }},
        {"pve-configid",
         [](auto v) { return unless(is_configid(v), "invalid configuration ID '" + std::string{v} + "'\n"); }},
        {"pve-startup-order", [](auto v) { return unless(is_startup_order(v), "unable to parse startup options\n"); }},
        {"pve-ct-timezone",
         [](auto v) { return unless(is_timezone(v), "invalid time zone '" + std::string{v} + "'\n"); }},
        {"disk-size", [](auto v) { return unless(is_disk_size(v), "value does not look like a valid disk size\n"); }},
        {"pve-storage-id",
         [](auto v) {
             return unless(is_storage_id(v), "storage ID '" + std::string{v} + "' contains illegal characters\n");
         }},
        {"pve-volume-id",
         [](auto v) { return unless(is_volume_id(v), "unable to parse volume ID '" + std::string{v} + "'\n"); }},
        {"pve-task-status-type",
         [](auto v) {
             return unless(v == "ok" || v == "error" || v == "warning" || v == "unknown",
                           "invalid status '" + std::string{v} + "'\n");
         }},
    };
    return table;
}

} // namespace

auto refused_by_format(const std::string& format, std::string_view value) -> std::optional<std::string>
{
    static constexpr auto list = std::string_view{"-list"};
    if (format.ends_with(list)) {
        const auto element = format.substr(0, format.size() - list.size());
        for (const auto& part : split_list(value)) {
            if (auto refused = refused_by_format(element, part)) {
                return refused;
            }
        }
        return std::nullopt;
    }
    const auto found = checks().find(format);
    return found == checks().end() ? std::nullopt : found->second(value);
}

} // namespace felhom::sim
