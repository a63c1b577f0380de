#pragma once

#include <felhom/proxmox/property_string.hpp>
#include <felhom/reconcile/network_form.hpp>
#include <felhom/reconcile/node_facts.hpp>
#include <felhom/reconcile/normal_form.hpp>

#include <range/v3/action/sort.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Normal forms of property strings: maps whose keys have types and defaults of their own.
namespace felhom::reconcile {

/// One key of a property string's format.
struct property_rule {
    std::string_view key;
    normal_form normalize = normalize_verbatim;
    std::string_view default_value = {};          ///< in normal form; a property that has it equals an absent one
    pve_release since = {.major = 7, .minor = 0}; ///< an older one refuses the whole text, and with it the whole call
};

/// A property string's format; the first rule is that of its default key when `first_is_default`.
struct property_format {
    std::span<const property_rule> rules;
    bool first_is_default = false;

    [[nodiscard]] constexpr auto rule_of(std::string_view key) const -> const property_rule*
    {
        if (key.empty()) {
            return first_is_default ? &rules.front() : nullptr;
        }
        const auto found = std::ranges::find(rules, key, &property_rule::key);
        return found == rules.end() ? nullptr : &*found;
    }
};

/// The size suffixes of PVE (pve-common PVE/JSONSchema.pm, parse_size) as bytes.
inline void normalize_size(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    const auto unit = text.find_first_not_of("0123456789");
    const auto suffix = unit == std::string_view::npos ? std::string_view{} : text.substr(unit);
    static constexpr auto units = std::string_view{"KMGT"};
    const auto power = suffix.size() == 1 ? units.find(suffix.front()) : std::string_view::npos;
    const auto count = read_integer(text.substr(0, unit));
    const auto shift = suffix.empty() ? 0U : static_cast<unsigned>(power + 1) * 10U;
    const auto legal = count && (suffix.empty() || power != std::string_view::npos)
                       && *count <= (std::numeric_limits<std::int64_t>::max() >> shift);
    if (legal) {
        append_decimal(*count << shift, out);
    } else {
        out += text;
    }
}

/// PVE takes a mount point's path with and without its leading slash.
inline void normalize_mount_path(std::string_view text, const node_facts& /*facts*/, std::string& out)
{
    if (!text.starts_with('/')) {
        out += '/';
    }
    out += text;
}

/// The properties of a text; none of an empty one, which PVE reads back as one blank.
[[nodiscard]] inline auto properties_of(std::string_view text) -> std::optional<proxmox::properties>
{
    const auto blank = text.find_first_not_of(' ') == std::string_view::npos;
    return blank ? proxmox::properties{} : proxmox::split_properties(text);
}

/// Every property in its normal form, sorted by key, without those that have their default.
inline void normalize_properties(std::string_view text, const property_format& format, const node_facts& facts,
                                 std::string& out)
{
    auto parts = properties_of(text);
    const auto known = [&](const proxmox::property& part) { return format.rule_of(part.key) != nullptr; };
    if (!parts || !std::ranges::all_of(*parts, known)) {
        out += text;
        return;
    }
    for (auto& part : *parts) {
        part.key = format.rule_of(part.key)->key;
    }
    *parts |= ranges::actions::sort(ranges::less{}, &proxmox::property::key);
    const auto begin = out.size();
    for (const auto& part : *parts) {
        const auto& rule = *format.rule_of(part.key);
        const auto start = out.size();
        if (start != begin) {
            out += ',';
        }
        out += rule.key;
        out += '=';
        const auto value = out.size();
        rule.normalize(part.value, facts, out);
        if (!rule.default_value.empty() && std::string_view{out}.substr(value) == rule.default_value) {
            out.resize(start);
        }
    }
}

inline constexpr auto net_rules = std::array{
    property_rule{"name"},
    property_rule{"bridge"},
    property_rule{"firewall", normalize_boolean, "0"},
    property_rule{"gw", normalize_address},
    property_rule{"gw6", normalize_address},
    property_rule{"host-managed", normalize_boolean, "0", {.major = 9, .minor = 1}},
    property_rule{"hwaddr", normalize_mac},
    property_rule{"ip", normalize_interface_address},
    property_rule{"ip6", normalize_interface_address},
    property_rule{"link_down", normalize_boolean, "0"},
    property_rule{"mtu", normalize_integer},
    property_rule{"rate", normalize_number},
    property_rule{"tag", normalize_integer},
    property_rule{"trunks", normalize_semicolon_set},
    property_rule{"type", normalize_verbatim, "veth"}, // PVE adds it to every interface
};
inline constexpr auto net_format = property_format{net_rules};

inline constexpr auto feature_rules = std::array{
    property_rule{"nesting", normalize_boolean, "0"}, property_rule{"keyctl", normalize_boolean, "0"},
    property_rule{"fuse", normalize_boolean, "0"},    property_rule{"mknod", normalize_boolean, "0"},
    property_rule{"mount", normalize_semicolon_set},  property_rule{"force_rw_sys", normalize_boolean, "0"},
};
inline constexpr auto feature_format = property_format{feature_rules};

inline constexpr auto startup_rules = std::array{
    property_rule{"order", normalize_integer},
    property_rule{"up", normalize_integer},
    property_rule{"down", normalize_integer},
};
inline constexpr auto startup_format = property_format{startup_rules, /*first_is_default=*/true};

inline constexpr auto mount_point_rules = std::array{
    property_rule{"volume"},
    property_rule{"mp", normalize_mount_path},
    property_rule{"acl", normalize_boolean},
    property_rule{"backup", normalize_boolean, "0"},
    property_rule{"idmap", normalize_verbatim, "", {.major = 9, .minor = 2}},
    property_rule{"keepattrs", normalize_boolean, "0", {.major = 9, .minor = 1}},
    property_rule{"mountoptions", normalize_semicolon_set},
    property_rule{"quota", normalize_boolean, "0"},
    property_rule{"replicate", normalize_boolean, "1"},
    property_rule{"ro", normalize_boolean, "0"},
    property_rule{"shared", normalize_boolean, "0"},
    property_rule{"size", normalize_size},
};
inline constexpr auto mount_point_format = property_format{mount_point_rules, /*first_is_default=*/true};

inline constexpr auto device_rules = std::array{
    property_rule{"path"},
    property_rule{"mode"},
    property_rule{"uid", normalize_integer},
    property_rule{"gid", normalize_integer},
    property_rule{"deny-write", normalize_boolean, "0", {.major = 8, .minor = 3}},
};
inline constexpr auto device_format = property_format{device_rules, /*first_is_default=*/true};

inline void normalize_net(std::string_view text, const node_facts& facts, std::string& out)
{
    normalize_properties(text, net_format, facts, out);
}

inline void normalize_features(std::string_view text, const node_facts& facts, std::string& out)
{
    normalize_properties(text, feature_format, facts, out);
}

inline void normalize_startup(std::string_view text, const node_facts& facts, std::string& out)
{
    normalize_properties(text, startup_format, facts, out);
}

inline void normalize_mount_point(std::string_view text, const node_facts& facts, std::string& out)
{
    normalize_properties(text, mount_point_format, facts, out);
}

inline void normalize_device(std::string_view text, const node_facts& facts, std::string& out)
{
    normalize_properties(text, device_format, facts, out);
}

} // namespace felhom::reconcile
