#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/proxmox/property_string.hpp>
#include <felhom/reconcile/network_form.hpp>
#include <felhom/reconcile/normal_form.hpp>
#include <felhom/reconcile/property_form.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

/// What a person may write as a desired value. PVE's own checks are looser in places (it takes a template flag or a
/// missing volume without a word); what is refused here would be refused there, or would not do what was meant.
namespace felhom::reconcile {

struct text_check {
    bool (*accepts)(std::string_view text);
    std::string_view rule; ///< what is accepted, to be read after "expected"
};

[[nodiscard]] inline auto is_any_text(std::string_view text) -> bool
{
    return text.find('\0') == std::string_view::npos && text.find_first_of("\r\n") == std::string_view::npos;
}

/// The limit counts characters, not bytes (pve-container PVE/LXC/Config.pm, maxLength 8192).
[[nodiscard]] inline auto is_description(std::string_view text) -> bool
{
    auto characters = std::size_t{0};
    for (const auto byte : text) {
        const auto continues = (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
        characters += continues ? 0 : 1;
    }
    return characters <= 8192 && text.find('\0') == std::string_view::npos;
}

[[nodiscard]] inline auto is_tag(std::string_view text) -> bool
{
    const auto first = [](char c) { return ascii::is_alphanumeric(c) || c == '_'; };
    const auto legal = [&](char c) { return first(c) || c == '-' || c == '+' || c == '.'; };
    return !text.empty() && first(text.front()) && std::ranges::all_of(text, legal);
}

[[nodiscard]] inline auto are_tags(std::string_view text) -> bool
{
    return is_any_text(text) && std::ranges::all_of(split_list(text), is_tag);
}

/// RFC 1123 labels, as pve-common JSONSchema.pm's dns-name takes them.
[[nodiscard]] inline auto is_dns_name(std::string_view text) -> bool
{
    if (text.empty() || text.size() > 255) {
        return false;
    }
    while (true) {
        const auto label = text.substr(0, text.find('.'));
        const auto legal = [](char c) { return ascii::is_alphanumeric(c) || c == '-'; };
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-'
            || !std::ranges::all_of(label, legal)) {
            return false;
        }
        if (label.size() == text.size()) {
            return true;
        }
        text.remove_prefix(label.size() + 1);
    }
}

[[nodiscard]] inline auto are_dns_names(std::string_view text) -> bool
{
    return is_any_text(text) && std::ranges::all_of(split_list(text), is_dns_name);
}

[[nodiscard]] inline auto are_addresses(std::string_view text) -> bool
{
    const auto is_address = [](std::string_view word) {
        return read_address(word.substr(0, word.find('%'))).has_value();
    };
    return is_any_text(text) && std::ranges::all_of(split_list(text), is_address);
}

[[nodiscard]] inline auto is_time_zone(std::string_view text) -> bool
{
    const auto legal = [](char c) { return ascii::is_alphanumeric(c) || c == '/' || c == '_' || c == '+' || c == '-'; };
    return !text.empty() && ascii::is_letter(text.front()) && std::ranges::all_of(text, legal);
}

[[nodiscard]] inline auto is_console_mode(std::string_view text) -> bool
{
    return text == "tty" || text == "console" || text == "shell";
}

/// Every key is one of the format's, once, and the format's default key is written bare at most once.
[[nodiscard]] inline auto has_format(std::string_view text, const property_format& format) -> bool
{
    const auto parts = proxmox::split_properties(text);
    if (!parts || !is_any_text(text) || text.find(' ') != std::string_view::npos) {
        return false;
    }
    for (auto part = parts->begin(); part != parts->end(); ++part) {
        const auto* const rule = format.rule_of(part->key);
        const auto repeated = [&](const proxmox::property& other) { return format.rule_of(other.key) == rule; };
        if (rule == nullptr || part->value.empty() || std::ranges::find_if(parts->begin(), part, repeated) != part) {
            return false;
        }
    }
    return true;
}

[[nodiscard]] inline auto is_address_of(int family, std::string_view text) -> bool
{
    const auto address = read_address(text);
    return address && address->family == family;
}

/// An address and the length of its prefix, which is of at least 8 bits (pve-common PVE/JSONSchema.pm,
/// pve_verify_cidrv4 and pve_verify_cidrv6).
[[nodiscard]] inline auto is_network_of(int family, std::string_view text) -> bool
{
    const auto slash = text.find('/');
    const auto length = slash == std::string_view::npos ? std::nullopt : read_integer(text.substr(slash + 1));
    const auto longest = family == AF_INET ? 32 : 128;
    return length && *length >= 8 && *length <= longest && is_address_of(family, text.substr(0, slash));
}

[[nodiscard]] inline auto is_interface(std::string_view text) -> bool
{
    const auto parts = proxmox::split_properties(text);
    if (!parts || !has_format(text, net_format)) {
        return false;
    }
    const auto has = [&](std::string_view key) {
        return std::ranges::find(*parts, key, &proxmox::property::key) != parts->end();
    };
    const auto addressed = std::ranges::all_of(*parts, [](const proxmox::property& part) {
        const auto is_gateway = part.key == "gw" || part.key == "gw6";
        if (!is_gateway && part.key != "ip" && part.key != "ip6") {
            return true;
        }
        const auto family = part.key.ends_with('6') ? AF_INET6 : AF_INET;
        if (is_gateway) {
            return is_address_of(family, part.value);
        }
        const auto word = part.value == "dhcp" || part.value == "manual" || (part.key == "ip6" && part.value == "auto");
        return word || is_network_of(family, part.value);
    });
    // Without a bridge, PVE 9 stores the interface and from then on answers 500 to every write (seen on 9.2.11).
    return has("name") && has("bridge") && addressed;
}

[[nodiscard]] inline auto are_features(std::string_view text) -> bool
{
    return has_format(text, feature_format);
}

[[nodiscard]] inline auto is_startup(std::string_view text) -> bool
{
    const auto is_count = [](const proxmox::property& part) {
        return std::ranges::all_of(part.value, ascii::is_digit) && part.value.size() <= 9;
    };
    const auto parts = proxmox::split_properties(text);
    return parts && has_format(text, startup_format) && std::ranges::all_of(*parts, is_count);
}

[[nodiscard]] inline auto is_mount_point(std::string_view text) -> bool
{
    return has_format(text, mount_point_format);
}

[[nodiscard]] inline auto is_device(std::string_view text) -> bool
{
    return has_format(text, device_format);
}

[[nodiscard]] inline auto is_environment(std::string_view text) -> bool
{
    while (!text.empty()) {
        const auto variable = text.substr(0, text.find('\0'));
        if (variable.starts_with('=') || variable.find('=') == std::string_view::npos) {
            return false;
        }
        text.remove_prefix(variable.size() < text.size() ? variable.size() + 1 : variable.size());
    }
    return true;
}

inline constexpr auto any_text = text_check{is_any_text, "a text on one line"};
inline constexpr auto description_text =
    text_check{is_description, "a text of at most 8192 characters, none of them U+0000"};
inline constexpr auto tag_list = text_check{are_tags, "tags of A-Z a-z 0-9 _ + . - parted by ';'"};
inline constexpr auto dns_name = text_check{is_dns_name, "a DNS name"};
inline constexpr auto dns_names = text_check{are_dns_names, "DNS names parted by blanks"};
inline constexpr auto addresses = text_check{are_addresses, "IP addresses parted by blanks"};
inline constexpr auto time_zone = text_check{is_time_zone, "'host' or a time zone such as Europe/Berlin"};
inline constexpr auto console_mode = text_check{is_console_mode, "tty, console or shell"};
inline constexpr auto interface = text_check{
    is_interface, "an interface such as name=eth0,bridge=vmbr0,ip=10.0.0.2/24 with at least name and bridge"};
inline constexpr auto features = text_check{are_features, "features such as nesting=1"};
inline constexpr auto startup_order = text_check{is_startup, "a start order such as order=3,up=10,down=60"};
inline constexpr auto mount_point = text_check{is_mount_point, "a mount point such as local-lvm:8,mp=/data"};
inline constexpr auto device = text_check{is_device, "a device such as /dev/ttyUSB0,mode=0660"};
inline constexpr auto environment = text_check{is_environment, "NAME=value parted by NUL characters"};

} // namespace felhom::reconcile
