// SPDX-License-Identifier: Apache-2.0
#include "sim/node/config_update.hpp"

#include "sim/api/parameters.hpp"
#include "sim/api/text.hpp"
#include "sim/node/volumes.hpp"

#include <felhom/core/ascii.hpp>
#include <felhom/core/contains.hpp>

#include <range/v3/action/sort.hpp>
#include <range/v3/action/unique.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace felhom::sim {

namespace {

auto is_mount(std::string_view key) -> bool
{
    return key == "rootfs" || is_indexed(key, "mp");
}

auto stored_description(std::string_view text) -> std::string
{
    const auto last = text.find_last_not_of('\n');
    if (last == std::string_view::npos) {
        return {};
    }
    return std::string{text.substr(0, last + 1)} + "\n";
}

auto stored_tags(const node& on, std::string_view text) -> std::string
{
    const auto given = on.settings.tags_case_sensitive ? std::string{text} : ascii::to_lower(text);
    return joined(split_list(given) | ranges::actions::sort | ranges::actions::unique, ";");
}

auto stored_net(node& on, std::string_view key, const std::string& text) -> std::string
{
    const auto* const schema = on.schema().config_keys().find(key);
    auto parsed = parse_property_string(*schema, key, text).value_or(property_string{});
    if (!find_property(parsed, "hwaddr")) {
        parsed.emplace_back("hwaddr", on.next_mac());
    }
    if (!find_property(parsed, "type")) {
        parsed.emplace_back("type", "veth");
    }
    return print_property_string(*schema, parsed);
}

auto clamped_cpuunits(const node& on, const std::string& text) -> std::string
{
    static constexpr auto least_v1 = std::int64_t{2};
    static constexpr auto least_v2 = std::int64_t{1};
    static constexpr auto most_v2 = std::int64_t{10000};
    const auto number = number_of(text);
    return std::to_string(on.settings.cgroup == 1 ? std::max(number, least_v1) : std::clamp(number, least_v2, most_v2));
}

void add_unused(config_section& into, const std::string& volid)
{
    auto number = 0;
    while (into.contains("unused" + std::to_string(number))) {
        ++number;
    }
    into["unused" + std::to_string(number)] = volid;
}

/// Applies pending entries one by one to the configuration in force.
class applier {
public:
    applier(node& on, guest_id vmid, config_file& config) : on_{on}, vmid_{vmid}, config_{config} {}

    [[nodiscard]] auto set(const std::string& key) -> tl::expected<void, refusal>
    {
        const auto value = config_.pending.at(key);
        if (is_mount(key)) {
            if (auto mounted = set_mount(key, value); !mounted) {
                return mounted;
            }
        } else if (key == "description" && value.empty()) {
            config_.current.erase(key);
        } else if (is_indexed(key, "net")) {
            config_.current[key] = stored_net(on_, key, value);
        } else {
            config_.current[key] = value;
        }
        config_.pending.erase(key);
        return {};
    }

    void remove(const std::string& key)
    {
        const auto value = value_of(config_.current, key);
        if (is_indexed(key, "mp")) {
            const auto volid = volume_in(key, value);
            if (!volid.starts_with('/')) {
                add_unused(config_.current, volid);
            }
        } else if (is_indexed(key, "unused")) {
            free_volume(on_, value);
        }
        config_.current.erase(key);
        std::erase(config_.pending_deletes, key);
    }

private:
    [[nodiscard]] auto volume_in(const std::string& key, const std::string& value) const -> std::string
    {
        return find_property(properties_of(on_, key, value), "volume").value_or("");
    }

    [[nodiscard]] auto set_mount(const std::string& key, const std::string& value) -> tl::expected<void, refusal>
    {
        auto properties = properties_of(on_, key, value);
        const auto volid = find_property(properties, "volume").value_or("");
        const auto old = volume_in(key, value_of(config_.current, key));
        const auto wish = parse_allocation(volid, "local");
        auto used = volid;
        if (wish) {
            const auto made = allocate(on_, vmid_, wish->storage, allocated_bytes(wish->gib));
            if (!made) {
                return died("storage '" + wish->storage + "' does not exist");
            }
            used = *made;
        }
        if (!old.empty() && old != used && !old.starts_with('/') && find_volume(on_, old) != nullptr) {
            add_unused(config_.current, old);
        }
        // A rootfs is stored as it was typed; a mount point is printed anew with the size that its volume has.
        config_.current[key] = key == "rootfs" && !wish ? value : printed_mount(key, properties, used);
        return {};
    }

    [[nodiscard]] auto printed_mount(const std::string& key, property_string properties, const std::string& volid)
        -> std::string
    {
        const auto* const found = find_volume(on_, volid);
        std::erase_if(properties,
                      [&](const auto& p) { return p.first == "volume" || (p.first == "size" && found != nullptr); });
        properties.emplace_back("volume", volid);
        if (found != nullptr) {
            properties.emplace_back("size", print_size(found->size));
        }
        return print_property_string(*on_.schema().config_keys().find(key), properties);
    }

    node& on_;
    guest_id vmid_;
    config_file& config_;
};

auto is_set_while_running(const config_file& config, std::string_view key) -> bool
{
    static constexpr auto at_once = std::array<std::string_view, 13>{
        "description", "onboot", "startup", "protection", "hostname", "hookscript", "cores",
        "tags",        "lock",   "memory",  "swap",       "cpulimit", "cpuunits"};
    return contains(at_once, key) || is_indexed(key, "net")
           || ((is_indexed(key, "mp") || is_indexed(key, "dev")) && !config.current.contains(key));
}

auto is_removed_while_running(std::string_view key) -> bool
{
    static constexpr auto at_once =
        std::array<std::string_view, 12>{"description", "onboot", "startup", "protection", "hostname", "hookscript",
                                         "cores",       "tags",   "lock",    "swap",       "cpulimit", "cpuunits"};
    static constexpr auto single_digit_net = std::size_t{4};
    return contains(at_once, key) || is_indexed(key, "unused")
           || (is_indexed(key, "net") && key.size() == single_digit_net);
}

void drop_what_changes_nothing(config_file& config)
{
    std::erase_if(config.pending, [&](const auto& entry) {
        const auto found = config.current.find(entry.first);
        return found != config.current.end() && found->second == entry.second;
    });
    std::erase_if(config.pending_deletes, [&](const auto& key) { return !config.current.contains(key); });
}

/// Why an interface cannot be plugged in while the guest runs, and what is left of it then. With another MAC or name it
/// is taken away first, with another bridge only unplugged, and the file is written like that (pve-container LXC.pm,
/// update_net).
auto plug(const node& on, config_file& config, const std::string& key) -> std::optional<std::string>
{
    const auto wanted = properties_of(on, key, config.pending.at(key));
    auto held = properties_of(on, key, value_of(config.current, key));
    const auto differs = [&](std::string_view name) {
        return find_property(held, name) != find_property(wanted, name);
    };
    const auto is_new = held.empty() || differs("hwaddr") || differs("name");
    const auto bridge = find_property(wanted, "bridge").value_or("");
    const auto is_plugged = is_new || differs("bridge") || differs("tag") || differs("firewall");
    if (!is_plugged || bridge.empty() || contains(on.settings.bridges, bridge)) {
        return std::nullopt;
    }
    if (is_new) {
        config.current.erase(key);
    } else {
        std::erase_if(held, [](const auto& property) {
            return property.first == "bridge" || property.first == "tag" || property.first == "firewall";
        });
        config.current[key] = print_property_string(*on.schema().config_keys().find(key), held);
    }
    return "bridge '" + bridge + "' does not exist";
}

/// Why one key that is set on a running guest cannot be; nothing if it can. A refused interface stays pending, a
/// refused mount point does not.
auto hot_plug_failure(const node& on, config_file& config, const std::string& key) -> std::optional<std::string>
{
    if (is_indexed(key, "net")) {
        return plug(on, config, key);
    }
    if (is_indexed(key, "mp") && !on.settings.apparmor) {
        config.pending.erase(key);
        return "failed to change apparmor profile: Invalid argument";
    }
    return std::nullopt;
}

auto is_asked_for(const config_change& change, const std::string& key) -> bool
{
    return change.set.contains(key) || contains(change.deletes, key);
}

/// Everything that can come into force now, and by key what could not. Nothing pending waits on a stopped guest; on a
/// running one only what this write asks for is tried (pve-container LXC/Config.pm, vmconfig_hotplug_pending).
auto apply(node& on, guest_id vmid, const guest& of, config_file& config, const config_change& change)
    -> tl::expected<parameter_errors, refusal>
{
    auto into = applier{on, vmid, config};
    for (const auto& key : std::vector<std::string>{config.pending_deletes}) {
        if (!of.running || (is_asked_for(change, key) && is_removed_while_running(key))) {
            into.remove(key);
        }
    }
    auto errors = parameter_errors{};
    for (const auto& [key, value] : config_section{config.pending}) {
        if (of.running && !(is_asked_for(change, key) && is_set_while_running(config, key))) {
            continue;
        }
        if (const auto why = of.running ? hot_plug_failure(on, config, key) : std::nullopt) {
            errors.emplace_back(key, "unable to hotplug " + key + ": " + *why + "\n");
        } else if (auto done = into.set(key); !done) {
            return tl::unexpected(std::move(done.error()));
        }
    }
    return errors;
}

auto refused_delete(const config_file& config, guest_id vmid, const std::string& key) -> tl::expected<void, refusal>
{
    if (key == "memory" || key == "rootfs" || key == "ostype") {
        return died("unable to delete required option '" + key + "'");
    }
    if (key == "unprivileged") {
        return died("unable to delete read-only option: '" + key + "'");
    }
    if ((is_indexed(key, "mp") || is_indexed(key, "unused")) && value_of(config.current, "protection") == "1") {
        return died("can't remove CT " + std::to_string(vmid) + " drive '" + key + "' - protection mode enabled");
    }
    return {};
}

auto refused_set(const config_file& config, guest_id vmid, const std::string& key) -> tl::expected<void, refusal>
{
    if (key == "unprivileged") {
        return died("unable to modify read-only option: '" + key + "'");
    }
    if (is_mount(key) && value_of(config.current, "protection") == "1") {
        return died("can't update CT " + std::to_string(vmid) + " drive '" + key + "' - protection mode enabled");
    }
    return {};
}

auto to_pending(node& on, guest_id vmid, config_file& config, const config_change& change)
    -> tl::expected<void, refusal>
{
    for (const auto& key : change.reverts) {
        config.pending.erase(key);
        std::erase(config.pending_deletes, key);
    }
    for (const auto& key : change.deletes) {
        if (!config.current.contains(key) && !config.pending.contains(key)) {
            continue;
        }
        if (auto refused = refused_delete(config, vmid, key); !refused) {
            return refused;
        }
        // What waits for a restart stays, and is set after the deletion (pve-container LXC/Config.pm,
        // update_pct_config).
        if (!contains(config.pending_deletes, key)) {
            config.pending_deletes.push_back(key);
        }
    }
    for (const auto& [key, value] : change.set) {
        if (auto refused = refused_set(config, vmid, key); !refused) {
            return refused;
        }
        // An interface waits as it was sent, and is printed anew when it comes into force.
        config.pending[key] = is_indexed(key, "net") ? value : canonical(on, key, value);
        std::erase(config.pending_deletes, key);
    }
    return {};
}

} // namespace

auto is_indexed(std::string_view key, std::string_view stem) -> bool
{
    return key.starts_with(stem) && is_decimal(key.substr(stem.size()));
}

auto properties_of(const node& on, std::string_view key, std::string_view value)
    -> std::vector<std::pair<std::string, std::string>>
{
    const auto* const schema = on.schema().config_keys().find(key);
    return schema == nullptr ? property_string{}
                             : parse_property_string(*schema, key, value).value_or(property_string{});
}

auto canonical(node& on, std::string_view key, const std::string& value) -> std::string
{
    if (key == "description") {
        return stored_description(value);
    }
    const auto* const schema = on.schema().config_keys().find(key);
    auto stored = value;
    if (key == "tags") {
        stored = stored_tags(on, value);
    } else if (key == "nameserver" || key == "searchdomain") {
        stored = joined(split_list(value), " ");
    } else if (key == "cpuunits") {
        stored = clamped_cpuunits(on, value);
    } else if (is_indexed(key, "net")) {
        stored = stored_net(on, key, value);
    } else if (schema != nullptr && schema->type == parameter_schema::kind::integer && is_decimal(value)) {
        stored = value.substr(std::min(value.find_first_not_of('0'), value.size() - 1));
    }
    // An empty line in the file reads back as one blank.
    return stored.empty() ? " " : stored;
}

auto update_config(node& on, guest_id vmid, guest& of, const config_change& change) -> tl::expected<void, refusal>
{
    auto config = of.config;
    if (auto noted = to_pending(on, vmid, config, change); !noted) {
        return noted;
    }
    drop_what_changes_nothing(config);
    auto errors = apply(on, vmid, of, config, change);
    if (!errors) {
        return tl::unexpected(std::move(errors.error()));
    }
    if (config != of.config) {
        of.config = std::move(config);
        on.took_effect(vmid, "config");
    }
    auto built = rebuild(on, of);
    return built && !errors->empty() ? invalid(*std::move(errors)) : built;
}

void apply_pending(node& on, guest_id vmid, guest& of)
{
    auto into = applier{on, vmid, of.config};
    for (const auto& key : std::vector<std::string>{of.config.pending_deletes}) {
        into.remove(key);
    }
    for (const auto& [key, value] : config_section{of.config.pending}) {
        static_cast<void>(into.set(key));
    }
}

auto rebuild(const node& on, const guest& of) -> tl::expected<void, refusal>
{
    if (!of.config.current.contains("arch")) {
        return died("missing 'arch' - internal error at /usr/share/perl5/PVE/LXC.pm line 676.");
    }
    for (const auto& [key, value] : of.config.current) {
        if (!is_indexed(key, "net")) {
            continue;
        }
        const auto bridge = find_property(properties_of(on, key, value), "bridge").value_or("");
        if (!contains(on.settings.bridges, bridge)) {
            return died("bridge '" + bridge + "' does not exist");
        }
    }
    return {};
}

} // namespace felhom::sim
