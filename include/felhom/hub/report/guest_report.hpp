// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/hub/report/sourced.hpp>
#include <felhom/proxmox/lxc/normal_form.hpp>
#include <felhom/proxmox/model/guest_config.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/model/node_status.hpp>
#include <felhom/proxmox/model/parse_size.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/proxmox/model/property_string.hpp>
#include <felhom/proxmox/model/vm_summary.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::hub {

/// What a guest is made of, as far as its configuration in force says.
struct guest_spec {
    std::optional<std::uint32_t> cores; ///< nothing: as many as the node has
    std::uint64_t memory;               ///< bytes
    std::uint64_t swap;                 ///< bytes
    std::optional<std::uint64_t> disk;  ///< bytes of the root disk
    bool onboot;
    bool is_protected;
    bool unprivileged;
    std::vector<std::string> tags; ///< in their order

    friend auto operator==(const guest_spec&, const guest_spec&) -> bool = default;
};

/// The figures of a guest, as of the moment of the list; one that the node did not tell is nothing, not 0.
struct guest_metrics {
    std::optional<std::uint64_t> uptime; ///< seconds
    std::optional<double> cpu;           ///< the share of its cpus in use
    std::optional<double> cpus;
    std::optional<proxmox::usage> memory;
    std::optional<proxmox::usage> swap;
    std::optional<proxmox::usage> disk;
    std::optional<std::uint64_t> network_in;
    std::optional<std::uint64_t> network_out;
    std::optional<std::uint64_t> disk_read;
    std::optional<std::uint64_t> disk_written;

    friend auto operator==(const guest_metrics&, const guest_metrics&) -> bool = default;
};

enum class guest_state : std::uint8_t { running, stopped, unknown };

struct reported_guest {
    vmid id;
    std::optional<std::string> name = std::nullopt;
    guest_state status = guest_state::unknown;
    bool is_template = false;
    std::optional<std::string> lock = std::nullopt;
    std::optional<guest_metrics> metrics = std::nullopt;
    std::optional<guest_spec> spec = std::nullopt;
    std::optional<source_error> spec_error = std::nullopt; ///< why there is no spec

    friend auto operator==(const reported_guest&, const reported_guest&) -> bool = default;
};

/// A virtual machine of the node: only that it is there, for this agent changes none.
struct reported_vm {
    vmid id;
    std::optional<std::string> name = std::nullopt;
    guest_state status = guest_state::unknown;

    friend auto operator==(const reported_vm&, const reported_vm&) -> bool = default;
};

using guest_specs = std::map<vmid, tl::expected<guest_spec, source_error>>;

/// All that was asked about guests.
struct guest_sources {
    observed<std::vector<proxmox::guest_summary>> list;
    guest_specs specs = {};
    /// Asked only when the list failed: less exact, but better than no guest at all.
    std::vector<proxmox::cluster_guest> cluster = {};
    std::optional<source_error> left_out = std::nullopt; ///< why there may be more in the list
};

/// What was asked about virtual machines.
struct vm_sources {
    observed<std::vector<proxmox::vm_summary>> list;
    std::optional<source_error> left_out = std::nullopt; ///< why there may be more in the list
};

namespace detail {

[[nodiscard]] inline auto disk_of(std::string_view rootfs) -> std::optional<std::uint64_t>
{
    const auto parts = proxmox::split_properties(rootfs);
    if (!parts) {
        return std::nullopt;
    }
    const auto size = std::ranges::find(*parts, "size", &proxmox::property::key);
    return size == parts->end() ? std::nullopt : proxmox::parse_size(size->value);
}

template <typename Find>
[[nodiscard]] auto read_spec(Find value_of) -> tl::expected<guest_spec, source_error>
{
    static constexpr auto mebibyte = std::uint64_t{1} << 20U;       // memory and swap are MiB
    static constexpr auto standard = std::uint64_t{512} * mebibyte; // pve-container PVE/LXC/Config.pm
    static constexpr auto most = std::numeric_limits<std::uint64_t>::max() / mebibyte;
    const auto refused = [](std::string_view key, std::string_view value) {
        return tl::unexpected(source_error{source_error::kind::unreadable,
                                           std::string{key} + " is '" + std::string{value} + "', which is no number"});
    };
    const auto flag = [&](std::string_view key) { return value_of(key).value_or("0") == "1"; };
    auto spec = guest_spec{.cores = std::nullopt,
                           .memory = standard,
                           .swap = standard,
                           .disk = disk_of(value_of("rootfs").value_or("")),
                           .onboot = flag("onboot"),
                           .is_protected = flag("protection"),
                           .unprivileged = flag("unprivileged"),
                           .tags = {}};
    for (const auto tag : lxc::split_list(value_of("tags").value_or(""))) {
        spec.tags.emplace_back(tag);
    }
    if (const auto cores = value_of("cores")) {
        spec.cores = parse_decimal<std::uint32_t>(*cores);
        if (!spec.cores) {
            return refused("cores", *cores);
        }
    }
    for (auto [key, into] : {std::pair{std::string_view{"memory"}, &spec.memory}, {"swap", &spec.swap}}) {
        if (const auto text = value_of(key)) {
            const auto number = parse_decimal<std::uint64_t>(*text);
            if (!number || *number > most) {
                return refused(key, *text);
            }
            *into = *number * mebibyte;
        }
    }
    return spec;
}

[[nodiscard]] inline auto metrics_of(const proxmox::guest_summary& seen) -> guest_metrics
{
    return {.uptime = seen.uptime,
            .cpu = seen.cpu,
            .cpus = seen.cpus,
            .memory = proxmox::usage_of(seen.memory_limit, seen.memory),
            .swap = proxmox::usage_of(seen.swap_limit, seen.swap),
            .disk = proxmox::usage_of(seen.disk_limit, seen.disk),
            .network_in = seen.network_in,
            .network_out = seen.network_out,
            .disk_read = seen.disk_read,
            .disk_written = seen.disk_written};
}

[[nodiscard]] inline auto state_of(const std::optional<proxmox::power_state>& power) -> guest_state
{
    if (!power) {
        return guest_state::unknown;
    }
    return *power == proxmox::power_state::running ? guest_state::running : guest_state::stopped;
}

[[nodiscard]] inline auto reported(const proxmox::guest_summary& seen) -> reported_guest
{
    return {.id = seen.id,
            .name = seen.name,
            .status = state_of(seen.power),
            .is_template = seen.is_template,
            .lock = seen.lock,
            .metrics = metrics_of(seen)};
}

[[nodiscard]] inline auto with_spec(reported_guest guest, const guest_specs& specs) -> reported_guest
{
    const auto found = specs.find(guest.id);
    if (found == specs.end()) {
        guest.spec_error = source_error{source_error::kind::not_collected, "its configuration was not read"};
    } else if (found->second) {
        guest.spec = *found->second;
    } else {
        guest.spec_error = found->second.error();
    }
    return guest;
}

} // namespace detail

/// The spec of a configuration in force: the answer to read::config_current.
[[nodiscard]] inline auto spec_of(const proxmox::guest_config& config) -> tl::expected<guest_spec, source_error>
{
    return detail::read_spec([&](std::string_view key) { return config.find(key); });
}

/// The same from the answer to read::pending.
[[nodiscard]] inline auto spec_of(const proxmox::pending_config& config) -> tl::expected<guest_spec, source_error>
{
    return detail::read_spec([&](std::string_view key) -> std::optional<std::string_view> {
        const auto found = std::ranges::find(config.entries, key, &proxmox::pending_entry::key);
        return found == config.entries.end() || !found->value ? std::nullopt
                                                              : std::optional<std::string_view>{*found->value};
    });
}

/// The containers of a node. One whose configuration could not be read keeps its status and loses only its spec. When
/// the list itself failed, the cluster's statistics stand in for it, and the error stays.
[[nodiscard]] inline auto report_guests(const guest_sources& seen, const node_name& node)
    -> sourced<std::vector<reported_guest>>
{
    auto part = sourced<std::vector<reported_guest>>{.collected_at = seen.list.at};
    if (seen.list.result) {
        part.error = seen.left_out;
        for (const auto& guest : *seen.list.result) {
            part.value.push_back(detail::with_spec(detail::reported(guest), seen.specs));
        }
    } else {
        part.error = seen.list.result.error();
        for (const auto& guest : seen.cluster) {
            if (guest.node == node && guest.type == proxmox::cluster_guest::kind::lxc) {
                part.value.push_back(detail::with_spec(
                    reported_guest{.id = guest.id, .status = detail::state_of(guest.power)}, seen.specs));
            }
        }
    }
    std::ranges::sort(part.value, {}, &reported_guest::id);
    return part;
}

/// The virtual machines of a node, so that a node of nothing else does not look empty.
[[nodiscard]] inline auto report_vms(const vm_sources& seen) -> sourced<std::vector<reported_vm>>
{
    auto part = sourced<std::vector<reported_vm>>{.collected_at = seen.list.at, .error = seen.left_out};
    if (!seen.list.result) {
        part.error = seen.list.result.error();
        return part;
    }
    for (const auto& [id, name, power] : *seen.list.result) {
        part.value.push_back({.id = id, .name = name, .status = detail::state_of(power)});
    }
    std::ranges::sort(part.value, {}, &reported_vm::id);
    return part;
}

} // namespace felhom::hub
