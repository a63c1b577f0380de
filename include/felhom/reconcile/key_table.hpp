#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/reconcile/key_rule.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::reconcile {

/// Every configuration key of a container that is known here; a key outside it is an error in a desired state and
/// untouched in an actual one. From pve-container PVE/LXC/Config.pm ($confdesc), and from writes recorded on
/// PVE 8.4.21.
inline constexpr auto standard_keys = std::array{
    key_rule{.key = "arch",
             .type = text_value{any_text},
             .deletable = false, // PVE accepts the delete, and the guest never starts again
             .effect = applies::pending,
             .privilege = "VM.Config.Options",
             .managed = management::immutable},
    key_rule{.key = "cmode",
             .type = text_value{console_mode},
             .default_value = "tty",
             .effect = applies::pending,
             .privilege = "VM.Config.Options"},
    key_rule{.key = "console",
             .type = boolean_value{},
             .default_value = "1",
             .effect = applies::pending,
             .privilege = "VM.Config.Options",
             .normalize = normalize_boolean},
    key_rule{
        .key = "cores", .type = integer_value{1, 8192}, .privilege = "VM.Config.CPU", .normalize = normalize_integer},
    key_rule{.key = "cpulimit",
             .type = number_value{0, 8192},
             .default_value = "0",
             .privilege = "VM.Config.CPU",
             .normalize = normalize_number},
    key_rule{.key = "cpuunits",
             .type = integer_value{0, 500'000},
             .privilege = "VM.Config.CPU",
             .normalize = normalize_cpuunits},
    key_rule{.key = "debug",
             .type = boolean_value{},
             .default_value = "0",
             .effect = applies::pending,
             .privilege = "VM.Config.Options",
             .normalize = normalize_boolean},
    key_rule{.key = "description",
             .type = text_value{description_text},
             .privilege = "VM.Config.Options",
             .normalize = normalize_description},
    key_rule{.key = "dev",
             .indices = 256,
             .type = text_value{device},
             .effect = applies::pending,
             .privilege = "VM.Config.Options",
             .managed = management::root_only,
             .normalize = normalize_device,
             .since = {.major = 8, .minor = 1},
             .format = &device_format},
    key_rule{.key = "entrypoint",
             .type = text_value{any_text},
             .default_value = "/sbin/init",
             .effect = applies::pending,
             .privilege = "VM.Config.Options",
             .since = {.major = 9, .minor = 1}},
    key_rule{.key = "env",
             .type = text_value{environment},
             .effect = applies::pending,
             .privilege = "VM.Config.Options",
             .normalize = normalize_environment,
             .since = {.major = 9, .minor = 1},
             .read_privilege = "VM.Config.Options"}, // pve-container PVE/API2/LXC.pm, delete_read_restricted_options
    key_rule{.key = "features",
             .type = text_value{features},
             .effect = applies::pending,
             .privilege = "VM.Allocate",
             .managed = management::nesting_only,
             .normalize = normalize_features,
             .complete = complete_features,
             .format = &feature_format},
    key_rule{.key = "hookscript",
             .type = text_value{any_text},
             .privilege = "VM.Config.Options",
             .managed = management::root_only},
    key_rule{.key = "hostname",
             .type = text_value{dns_name},
             .privilege = "VM.Config.Network",
             .weight = consequence::connectivity_risk},
    key_rule{.key = "lock", .type = text_value{any_text}, .managed = management::pve},
    key_rule{.key = "lxc", .type = text_value{any_text}, .managed = management::pve},
    key_rule{.key = "memory",
             .type = integer_value{16, 1'073'741'824},
             .default_value = "512",
             .deletable = false,
             .privilege = "VM.Config.Memory",
             .normalize = normalize_integer},
    key_rule{.key = "mp",
             .indices = 256,
             .type = text_value{mount_point},
             .effect = applies::pending,
             .privilege = "VM.Config.Disk",
             .weight = consequence::destructive,
             .managed = management::storage,
             .normalize = normalize_mount_point,
             .complete = complete_mount_point,
             .format = &mount_point_format},
    key_rule{.key = "nameserver",
             .type = text_value{addresses},
             .effect = applies::pending,
             .privilege = "VM.Config.Network",
             .weight = consequence::connectivity_risk,
             .normalize = normalize_name_servers},
    key_rule{.key = "net",
             .indices = 32,
             .type = text_value{interface},
             .privilege = "VM.Config.Network",
             .weight = consequence::connectivity_risk,
             .normalize = normalize_net,
             .complete = complete_net,
             .format = &net_format},
    key_rule{.key = "onboot",
             .type = boolean_value{},
             .default_value = "0",
             .privilege = "VM.Config.Options",
             .normalize = normalize_boolean},
    key_rule{.key = "ostype",
             .type = text_value{any_text},
             .deletable = false,
             .effect = applies::pending,
             .privilege = "VM.Config.Options",
             .managed = management::immutable},
    key_rule{.key = "parent", .type = text_value{any_text}, .managed = management::pve},
    key_rule{.key = "protection",
             .type = boolean_value{},
             .default_value = "0",
             .privilege = "VM.Config.Options",
             .managed = management::planned_up,
             .normalize = normalize_boolean},
    key_rule{.key = "rootfs",
             .type = text_value{mount_point},
             .deletable = false,
             .effect = applies::pending,
             .privilege = "VM.Config.Disk",
             .weight = consequence::destructive,
             .managed = management::storage,
             .normalize = normalize_mount_point,
             .complete = complete_mount_point,
             .format = &mount_point_format},
    key_rule{.key = "searchdomain",
             .type = text_value{dns_names},
             .effect = applies::pending,
             .privilege = "VM.Config.Network",
             .weight = consequence::connectivity_risk,
             .normalize = normalize_word_list},
    key_rule{.key = "startup",
             .type = text_value{startup_order},
             .privilege = "VM.Config.Options",
             .normalize = normalize_startup,
             .format = &startup_format},
    key_rule{.key = "swap",
             .type = integer_value{0, 1'073'741'824},
             .privilege = "VM.Config.Memory",
             .normalize = normalize_integer},
    key_rule{
        .key = "tags", .type = text_value{tag_list}, .privilege = "VM.Config.Options", .normalize = normalize_tags},
    key_rule{.key = "template",
             .type = boolean_value{},
             .default_value = "0",
             .effect = applies::pending,
             .privilege = "VM.Config.Options",
             .managed = management::immutable,
             .normalize = normalize_boolean},
    key_rule{
        .key = "timezone", .type = text_value{time_zone}, .effect = applies::pending, .privilege = "VM.Config.Options"},
    key_rule{.key = "tty",
             .type = integer_value{0, 6},
             .default_value = "2",
             .effect = applies::pending,
             .privilege = "VM.Config.Options",
             .normalize = normalize_integer},
    key_rule{.key = "unprivileged",
             .type = boolean_value{},
             .default_value = "0", // absent from the file means privileged, whatever create's default is
             .deletable = false,
             .managed = management::immutable,
             .normalize = normalize_boolean},
    key_rule{.key = "unused", .indices = 256, .type = text_value{any_text}, .managed = management::pve},
};

/// What the absence of a key means on this node, in normal form; empty where it is PVE's choice.
[[nodiscard]] inline auto default_of(const key_rule& rule, const node_facts& facts) -> std::string_view
{
    if (rule.key == "cpuunits") { // the one default that the kernel decides (pve-common PVE/CGroup.pm)
        return facts.cgroup_v2 ? "100" : "1024";
    }
    return rule.default_value;
}

/// When setting or removing a key takes effect in a running guest. Interfaces are unplugged by the digit after "net",
/// so that the removal of net10 and above waits for a restart (pve-container PVE/LXC/Config.pm,
/// vmconfig_hotplug_pending).
[[nodiscard]] inline auto effect_of(const key_rule& rule, std::string_view key, bool removed) -> applies
{
    const auto two_digits = key.size() >= rule.key.size() + 2;
    return removed && rule.key == "net" && two_digits ? applies::pending : rule.effect;
}

/// The rules that a plan is made by: the standard ones, and those that another project adds in front of them.
class key_table {
public:
    [[nodiscard]] static auto standard() -> key_table { return key_table{{}}; }

    /// Rules found before the standard ones. The table refers to them: they must outlive it.
    [[nodiscard]] static auto extended(std::span<const key_rule> added) -> key_table { return key_table{added}; }

    /// The rule for a key as PVE writes it ("memory", "net0"), or nothing for a key outside the table.
    [[nodiscard]] auto find(std::string_view key) const -> const key_rule*
    {
        const auto* const rule = find_in(added_, key);
        return rule != nullptr ? rule : find_in(standard_keys, key);
    }

    /// All rules, the added ones first.
    [[nodiscard]] auto rules() const -> std::vector<const key_rule*>
    {
        auto all = std::vector<const key_rule*>{};
        for (const auto& rule : added_) {
            all.push_back(&rule);
        }
        for (const auto& rule : standard_keys) {
            all.push_back(&rule);
        }
        return all;
    }

private:
    explicit key_table(std::span<const key_rule> added) : added_{added} {}

    [[nodiscard]] static auto find_in(std::span<const key_rule> rules, std::string_view key) -> const key_rule*
    {
        const auto found = std::ranges::find_if(rules, [&](const key_rule& rule) {
            return rule.indices == 0 ? rule.key == key
                                     : key.starts_with(rule.key) && is_index(key.substr(rule.key.size()), rule.indices);
        });
        return found == rules.end() ? nullptr : &*found;
    }

    [[nodiscard]] static auto is_index(std::string_view digits, std::uint16_t indices) -> bool
    {
        const auto index = parse_decimal<std::uint16_t>(digits);
        const auto canonical = digits.size() == 1 || !digits.starts_with('0');
        return index && canonical && *index < indices;
    }

    std::span<const key_rule> added_;
};

} // namespace felhom::reconcile
