#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/utf8.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

// The keys of a container's configuration as `PUT /nodes/{node}/lxc/{vmid}/config` takes them: which values the schema
// of the call admits (pve-container src/PVE/LXC/Config.pm, $confdesc). What a value means is decided elsewhere.
namespace felhom::proxmox {

namespace parameter {

struct boolean {};
struct integer {
    std::int64_t least;
    std::int64_t greatest;
};
/// A decimal, with or without a fraction.
struct number {
    std::int64_t least;
    std::int64_t greatest;
};
struct one_of {
    std::span<const std::string_view> words;
};
/// Text whose shape a predicate knows.
struct text {
    std::size_t longest; ///< in characters, as PVE counts
    bool (*accepts)(std::string_view);
};

using scalar = std::variant<boolean, integer, number, one_of, text>;

/// One `name=value` of a property string.
struct property {
    std::string_view name;
    scalar admits;
    bool required = false;
};

/// `first,name=value,name=value`; the default property may stand without its name.
struct property_string {
    std::span<const property> properties;
    std::string_view default_property;
};

using kind = std::variant<boolean, integer, number, one_of, text, property_string>;

} // namespace parameter

/// What may be done with a key of the configuration.
struct config_parameter {
    std::string_view name; ///< "memory", or "net" for net0, net1, …
    std::optional<std::uint32_t> greatest_index;
    parameter::kind admits;
    bool deletable = true;
};

namespace parameter {

inline constexpr auto unbounded = std::int64_t{1} << 53U;

[[nodiscard]] constexpr auto is_line(std::string_view text) -> bool
{
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7F'; });
}
[[nodiscard]] constexpr auto is_any(std::string_view /*text*/) -> bool
{
    return true;
}
[[nodiscard]] constexpr auto is_name_word(std::string_view text) -> bool
{
    for (const auto c : text) {
        if (!ascii::is_alphanumeric(c) && c != '-' && c != '_' && c != '.') {
            return false;
        }
    }
    return !text.empty();
}
/// A DNS name: labels of letters, digits and inner hyphens, joined with dots.
[[nodiscard]] constexpr auto is_dns_name(std::string_view text) -> bool
{
    auto before = '.';
    for (const auto c : text) {
        const auto hyphen = c == '-';
        if ((c == '.' && !ascii::is_alphanumeric(before)) || (hyphen && before == '.')
            || (!ascii::is_alphanumeric(c) && !hyphen && c != '.')) {
            return false;
        }
        before = c;
    }
    return ascii::is_alphanumeric(before);
}
/// Elements between blanks, commas and semicolons; at least one.
template <bool (*IsElement)(std::string_view)>
[[nodiscard]] constexpr auto is_list_of(std::string_view text) -> bool
{
    constexpr auto separators = std::string_view{" ,;"};
    auto any = false;
    while (!text.empty()) {
        const auto element = text.substr(0, text.find_first_of(separators));
        text.remove_prefix(element.size() == text.size() ? element.size() : element.size() + 1);
        if (element.empty()) {
            continue;
        }
        if (!IsElement(element)) {
            return false;
        }
        any = true;
    }
    return any;
}
[[nodiscard]] constexpr auto is_tag(std::string_view text) -> bool
{
    for (const auto c : text) {
        if (!ascii::is_alphanumeric(c) && c != '_' && c != '.' && c != '+' && c != '-') {
            return false;
        }
    }
    return !text.empty() && (ascii::is_alphanumeric(text.front()) || text.front() == '_');
}
[[nodiscard]] constexpr auto is_ipv4(std::string_view text) -> bool
{
    constexpr auto parts = 4;
    for (auto part = 0; part < parts; ++part) {
        const auto digits = text.substr(0, part + 1 < parts ? text.find('.') : std::string_view::npos);
        if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits.front() == '0')) {
            return false;
        }
        auto value = 0;
        for (const auto c : digits) {
            if (!ascii::is_digit(c)) {
                return false;
            }
            value = (value * 10) + (c - '0');
        }
        if (value > 255) {
            return false;
        }
        text.remove_prefix(digits.size() == text.size() ? digits.size() : digits.size() + 1);
    }
    return text.empty();
}
[[nodiscard]] inline auto is_ipv6(std::string_view text) -> bool
{
    auto terminated = std::array<char, INET6_ADDRSTRLEN>{};
    if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) {
        return false;
    }
    text.copy(terminated.data(), text.size());
    auto address = in6_addr{};
    return ::inet_pton(AF_INET6, terminated.data(), &address) == 1;
}
/// An address, IPv6 perhaps with its interface: "fe80::1%eth0".
[[nodiscard]] inline auto is_address(std::string_view text) -> bool
{
    const auto percent = text.find('%');
    if (percent == std::string_view::npos) {
        return is_ipv4(text) || is_ipv6(text);
    }
    return is_ipv6(text.substr(0, percent)) && is_name_word(text.substr(percent + 1));
}
/// pve-common JSONSchema.pm, pve_verify_cidrv4 and pve_verify_cidrv6: no prefix is shorter than 8 bits.
[[nodiscard]] constexpr auto is_prefix_length(std::string_view text, int greatest) -> bool
{
    constexpr auto least = 8;
    auto value = 0;
    for (const auto c : text) {
        if (!ascii::is_digit(c)) {
            return false;
        }
        value = value * 10 + (c - '0');
    }
    return !text.empty() && text.size() <= 3 && text.front() != '0' && value >= least && value <= greatest;
}
[[nodiscard]] constexpr auto is_ipv4_config(std::string_view text) -> bool
{
    const auto slash = text.find('/');
    return text == "dhcp" || text == "manual"
           || (slash != std::string_view::npos && is_ipv4(text.substr(0, slash))
               && is_prefix_length(text.substr(slash + 1), 32));
}
[[nodiscard]] inline auto is_ipv6_config(std::string_view text) -> bool
{
    const auto slash = text.find('/');
    return text == "auto" || text == "dhcp" || text == "manual"
           || (slash != std::string_view::npos && is_ipv6(text.substr(0, slash))
               && is_prefix_length(text.substr(slash + 1), 128));
}
[[nodiscard]] constexpr auto is_mac(std::string_view text) -> bool
{
    if (!ascii::is_hex_in_shape(text, "xx:xx:xx:xx:xx:xx")) {
        return false;
    }
    // The least bit of the first byte marks a group address, which no interface may have.
    const auto nibble = ascii::to_lower(text[1]);
    return (ascii::is_digit(nibble) ? nibble - '0' : nibble - 'a' + 10) % 2 == 0;
}
[[nodiscard]] constexpr auto is_digits_list(std::string_view text) -> bool
{
    auto before = ';';
    for (const auto c : text) {
        if (c == ';' ? before == ';' : !ascii::is_digit(c)) {
            return false;
        }
        before = c;
    }
    return before != ';';
}
[[nodiscard]] constexpr auto is_size(std::string_view text) -> bool
{
    if (!text.empty() && std::string_view{"KMGT"}.find(text.back()) != std::string_view::npos) {
        text.remove_suffix(1);
    }
    const auto dot = text.find('.');
    const auto whole = text.substr(0, dot);
    const auto fraction = dot == std::string_view::npos ? std::string_view{"0"} : text.substr(dot + 1);
    for (const auto& digits : {whole, fraction}) {
        if (digits.empty()) {
            return false;
        }
        for (const auto c : digits) {
            if (!ascii::is_digit(c)) {
                return false;
            }
        }
    }
    return true;
}
[[nodiscard]] constexpr auto is_mount_options(std::string_view text) -> bool
{
    constexpr auto known =
        std::array<std::string_view, 6>{"discard", "lazytime", "noatime", "nodev", "noexec", "nosuid"};
    while (true) {
        const auto semicolon = text.find(';');
        const auto option = text.substr(0, semicolon);
        auto found = false;
        for (const auto& word : known) {
            found = found || word == option;
        }
        if (!found) {
            return false;
        }
        if (semicolon == std::string_view::npos) {
            return true;
        }
        text.remove_prefix(semicolon + 1);
    }
}
[[nodiscard]] constexpr auto is_mount_types(std::string_view text) -> bool
{
    for (const auto c : text) {
        if (!ascii::is_alphanumeric(c) && c != '_' && c != ';' && c != ' ') {
            return false;
        }
    }
    return !text.empty();
}
/// A volume, a path, or an allocation such as "local-lvm:8": anything that cannot break out of its property.
[[nodiscard]] constexpr auto is_volume(std::string_view text) -> bool
{
    return !text.empty() && is_line(text) && text.find(',') == std::string_view::npos
           && text.find('=') == std::string_view::npos && text.find("..") == std::string_view::npos;
}
[[nodiscard]] constexpr auto is_volume_id(std::string_view text) -> bool
{
    const auto colon = text.find(':');
    return colon != std::string_view::npos && colon >= 2 && colon + 1 < text.size() && ascii::is_letter(text.front())
           && ascii::is_alphanumeric(text[colon - 1]) && is_name_word(text.substr(0, colon)) && is_line(text);
}
[[nodiscard]] constexpr auto is_device_path(std::string_view text) -> bool
{
    return text.starts_with("/dev/") && is_volume(text);
}
[[nodiscard]] constexpr auto is_octal_mode(std::string_view text) -> bool
{
    for (const auto c : text) {
        if (c < '0' || c > '7') {
            return false;
        }
    }
    return text.size() == 4 && text.front() == '0';
}
[[nodiscard]] constexpr auto is_timezone(std::string_view text) -> bool
{
    for (const auto c : text) {
        if (!ascii::is_alphanumeric(c) && c != '/' && c != '_' && c != '-' && c != '+') {
            return false;
        }
    }
    return !text.empty() && !text.starts_with('/');
}
/// `VAR=value` joined with NUL.
[[nodiscard]] constexpr auto is_environment(std::string_view text) -> bool
{
    while (true) {
        const auto end = text.find('\0');
        const auto variable = text.substr(0, end);
        const auto equals = variable.find('=');
        if (equals == std::string_view::npos || equals == 0 || !is_line(variable)) {
            return false;
        }
        for (const auto c : variable.substr(0, equals)) {
            if (!ascii::is_alphanumeric(c) && c != '_') {
                return false;
            }
        }
        if (end == std::string_view::npos) {
            return true;
        }
        text.remove_prefix(end + 1);
    }
}

inline constexpr auto architectures =
    std::array<std::string_view, 6>{"amd64", "i386", "arm64", "armhf", "riscv32", "riscv64"};
inline constexpr auto console_modes = std::array<std::string_view, 3>{"shell", "console", "tty"};
inline constexpr auto os_types =
    std::array<std::string_view, 11>{"debian",    "devuan", "ubuntu", "centos", "fedora",   "opensuse",
                                     "archlinux", "alpine", "gentoo", "nixos",  "unmanaged"};
inline constexpr auto interface_types = std::array<std::string_view, 1>{"veth"};

inline constexpr auto word = text{255, is_name_word};

inline constexpr auto network = std::array{
    property{"name", word, true},
    property{"bridge", word},
    property{"firewall", boolean{}},
    property{"gw", text{15, is_ipv4}},
    property{"gw6", text{45, is_ipv6}},
    property{"host-managed", boolean{}},
    property{"hwaddr", text{17, is_mac}},
    property{"ip", text{18, is_ipv4_config}},
    property{"ip6", text{49, is_ipv6_config}},
    property{"link_down", boolean{}},
    property{"mtu", integer{64, 65535}},
    property{"rate", number{0, unbounded}},
    property{"tag", integer{1, 4094}},
    property{"trunks", text{4096, is_digits_list}},
    property{"type", one_of{interface_types}},
};

inline constexpr auto mount_point = std::array{
    property{"volume", text{1024, is_volume}, true},
    property{"mp", text{1024, is_volume}, true},
    property{"acl", boolean{}},
    property{"backup", boolean{}},
    property{"keepattrs", boolean{}},
    property{"mountoptions", text{255, is_mount_options}},
    property{"quota", boolean{}},
    property{"replicate", boolean{}},
    property{"ro", boolean{}},
    property{"shared", boolean{}},
    property{"size", text{32, is_size}},
};

inline constexpr auto device = std::array{
    property{"path", text{1024, is_device_path}, true},
    property{"deny-write", boolean{}},
    property{"gid", integer{0, unbounded}},
    property{"mode", text{4, is_octal_mode}},
    property{"uid", integer{0, unbounded}},
};

inline constexpr auto features = std::array{
    property{"force_rw_sys", boolean{}}, property{"fuse", boolean{}},    property{"keyctl", boolean{}},
    property{"mknod", boolean{}},        property{"nesting", boolean{}}, property{"mount", text{255, is_mount_types}},
};

inline constexpr auto start_order = std::array{
    property{"order", integer{0, unbounded}},
    property{"up", integer{0, unbounded}},
    property{"down", integer{0, unbounded}},
};

} // namespace parameter

/// Every key that a configuration call of this agent may carry. Left out on purpose: `lock` and `template`, which
/// nobody but root takes back; `rootfs` and `unprivileged`, which a PUT damages or never changes; `unused[n]`, whose
/// deletion frees a volume for good.
inline constexpr auto config_parameters = std::array{
    config_parameter{"arch", {}, parameter::one_of{parameter::architectures}, false}, // without it no CT starts
    config_parameter{"cmode", {}, parameter::one_of{parameter::console_modes}},
    config_parameter{"console", {}, parameter::boolean{}},
    config_parameter{"cores", {}, parameter::integer{1, 8192}},
    config_parameter{"cpulimit", {}, parameter::number{0, 8192}},
    config_parameter{"cpuunits", {}, parameter::integer{0, 500000}},
    config_parameter{"debug", {}, parameter::boolean{}},
    config_parameter{"description", {}, parameter::text{8192, parameter::is_any}},
    config_parameter{"dev", 255, parameter::property_string{parameter::device, "path"}},
    config_parameter{"entrypoint", {}, parameter::text{4096, parameter::is_line}},
    config_parameter{"env", {}, parameter::text{65536, parameter::is_environment}},
    config_parameter{"features", {}, parameter::property_string{parameter::features, ""}},
    config_parameter{"hookscript", {}, parameter::text{255, parameter::is_volume_id}},
    config_parameter{"hostname", {}, parameter::text{255, parameter::is_dns_name}},
    config_parameter{"memory", {}, parameter::integer{16, parameter::unbounded}, false},
    config_parameter{"mp", 255, parameter::property_string{parameter::mount_point, "volume"}},
    config_parameter{"nameserver", {}, parameter::text{1024, parameter::is_list_of<parameter::is_address>}},
    config_parameter{"net", 31, parameter::property_string{parameter::network, ""}},
    config_parameter{"onboot", {}, parameter::boolean{}},
    config_parameter{"ostype", {}, parameter::one_of{parameter::os_types}, false},
    config_parameter{"protection", {}, parameter::boolean{}},
    config_parameter{"searchdomain", {}, parameter::text{1024, parameter::is_list_of<parameter::is_dns_name>}},
    config_parameter{"startup", {}, parameter::property_string{parameter::start_order, "order"}},
    config_parameter{"swap", {}, parameter::integer{0, parameter::unbounded}},
    config_parameter{"tags", {}, parameter::text{8192, parameter::is_list_of<parameter::is_tag>}},
    config_parameter{"timezone", {}, parameter::text{255, parameter::is_timezone}},
    config_parameter{"tty", {}, parameter::integer{0, 6}},
};

/// The parameter among these that a key names: "net3" is one of net[n].
[[nodiscard]] constexpr auto find_parameter(std::string_view key, std::span<const config_parameter> among)
    -> const config_parameter*
{
    const auto digits = key.find_last_not_of("0123456789") + 1;
    const auto index = key.substr(digits);
    for (const auto& known : among) {
        if (!known.greatest_index) {
            if (known.name == key) {
                return &known;
            }
            continue;
        }
        if (known.name != key.substr(0, digits) || index.empty() || index.size() > 3
            || (index.size() > 1 && index.front() == '0')) {
            continue;
        }
        auto number = std::uint32_t{};
        for (const auto c : index) {
            number = number * 10 + static_cast<std::uint32_t>(c - '0');
        }
        return number <= *known.greatest_index ? &known : nullptr;
    }
    return nullptr;
}

/// The parameter that a key names, of those that were added before the standard ones. Nothing for a key that no call
/// may carry.
[[nodiscard]] constexpr auto find_config_parameter(std::string_view key, std::span<const config_parameter> added = {})
    -> const config_parameter*
{
    const auto* const found = find_parameter(key, added);
    return found != nullptr ? found : find_parameter(key, config_parameters);
}

namespace parameter {

[[nodiscard]] inline auto is_integer_from(std::string_view digits, std::int64_t least, std::int64_t greatest) -> bool
{
    const auto value = parse_decimal<std::int64_t>(digits);
    const auto canonical =
        digits == "0" || (!digits.empty() && ascii::is_digit(digits.front()) && digits.front() != '0');
    return canonical && value && *value >= least && *value <= greatest;
}

[[nodiscard]] inline auto is_number_from(std::string_view digits, std::int64_t least, std::int64_t greatest) -> bool
{
    const auto dot = digits.find('.');
    if (dot == std::string_view::npos) {
        return is_integer_from(digits, least, greatest);
    }
    const auto fraction = digits.substr(dot + 1);
    const auto zero = std::ranges::all_of(fraction, [](char c) { return c == '0'; });
    return !fraction.empty() && fraction.size() <= 17 && std::ranges::all_of(fraction, ascii::is_digit)
           && is_integer_from(digits.substr(0, dot), least, zero ? greatest : greatest - 1);
}

/// Whether the schema admits a value. Booleans are 0 and 1; inside property strings the words count too.
[[nodiscard]] inline auto admits(const scalar& allowed, std::string_view value, bool in_property) -> bool
{
    return std::visit(
        overloaded{
            [&](const boolean&) {
                static constexpr auto words =
                    std::array<std::string_view, 6>{"on", "off", "yes", "no", "true", "false"};
                return value == "0" || value == "1"
                       || (in_property && std::ranges::find(words, ascii::to_lower(value)) != words.end());
            },
            [&](const integer& range) { return is_integer_from(value, range.least, range.greatest); },
            [&](const number& range) { return is_number_from(value, range.least, range.greatest); },
            [&](const one_of& choice) { return std::ranges::find(choice.words, value) != choice.words.end(); },
            [&](const text& shape) { return utf8::count(value) <= shape.longest && shape.accepts(value); },
        },
        allowed);
}

[[nodiscard]] inline auto admits(const property_string& allowed, std::string_view value) -> bool
{
    auto seen = std::vector<std::string_view>{};
    auto rest = value;
    for (auto more = true; more;) {
        const auto comma = rest.find(',');
        const auto item = rest.substr(0, comma);
        more = comma != std::string_view::npos;
        rest.remove_prefix(more ? comma + 1 : rest.size());
        const auto equals = item.find('=');
        const auto named = equals != std::string_view::npos;
        const auto name = named ? item.substr(0, equals) : allowed.default_property;
        const auto known = std::ranges::find(allowed.properties, name, &property::name);
        if (name.empty() || known == allowed.properties.end() || std::ranges::find(seen, name) != seen.end()
            || !admits(known->admits, named ? item.substr(equals + 1) : item, true)) {
            return false;
        }
        seen.push_back(name);
    }
    return std::ranges::all_of(allowed.properties, [&](const property& p) {
        return !p.required || std::ranges::find(seen, p.name) != seen.end();
    });
}

} // namespace parameter

/// Whether the call admits a value for a key. No key admits the empty text: Proxmox VE stores it as a blank.
[[nodiscard]] inline auto admits(const config_parameter& key, std::string_view value) -> bool
{
    if (value.empty()) {
        return false;
    }
    return std::visit(
        overloaded{
            [&](const parameter::property_string& p) { return parameter::admits(p, value); },
            [&](const auto& scalar) { return parameter::admits(parameter::scalar{scalar}, value, false); },
        },
        key.admits);
}

} // namespace felhom::proxmox
