// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/api/reply_node.hpp>
#include <felhom/proxmox/decode/rows.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/model/partial_list.hpp>
#include <felhom/proxmox/model/snapshot_list.hpp>
#include <felhom/proxmox/model/vm_summary.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::proxmox {

/// A vmid as a number or, before 2024, as a string.
[[nodiscard]] inline auto decode_vmid(const reply_node& node) -> tl::expected<vmid, decode_error>
{
    return node.integer<std::uint64_t>().and_then([&](std::uint64_t number) {
        return vmid::from_number(number).map_error([&](const parse_error& why) { return node.fail(why); });
    });
}

[[nodiscard]] inline auto decode_power_state(const reply_node& node) -> tl::expected<power_state, decode_error>
{
    const auto text = node.text();
    const auto state = text ? power_state_words.parse(*text) : std::nullopt;
    if (!state) {
        return tl::unexpected(node.fail(power_state_words.choices()));
    }
    return *state;
}

[[nodiscard]] inline auto decode_guest_summary(const reply_node& node) -> tl::expected<guest_summary, decode_error>
{
    auto fields = reply_record{node};
    const auto id = decode_vmid(node["vmid"]);
    if (!id) {
        return tl::unexpected(id.error());
    }
    auto summary = guest_summary{
        .id = *id,
        .power = fields.keep(decode_power_state(node["status"])).value_or(power_state::stopped),
        .name = fields.shown_text("name").value_or("CT" + id->text()),
        .is_template = fields.flag("template"),
        .lock = fields.text_if("lock"),
        .tags = fields.shown_text("tags").value_or(""),
        .cpu = fields.shown_figure("cpu"),
        .cpus = fields.shown_figure("cpus"),
        .memory = fields.shown_integer<std::uint64_t>("mem"),
        .memory_limit = fields.shown_integer<std::uint64_t>("maxmem"),
        .swap = fields.shown_integer<std::uint64_t>("swap"),
        .swap_limit = fields.shown_integer<std::uint64_t>("maxswap"),
        .disk = fields.shown_integer<std::uint64_t>("disk"),
        .disk_limit = fields.shown_integer<std::uint64_t>("maxdisk"),
        .network_in = fields.shown_integer<std::uint64_t>("netin"),
        .network_out = fields.shown_integer<std::uint64_t>("netout"),
        .disk_read = fields.shown_integer<std::uint64_t>("diskread"),
        .disk_written = fields.shown_integer<std::uint64_t>("diskwrite"),
        .uptime = fields.shown_integer<std::uint64_t>("uptime"),
    };
    return std::move(fields).finish(std::move(summary));
}

/// The answer to read::guests, each row by itself.
[[nodiscard]] inline auto decode_guests(const reply_node& data)
    -> tl::expected<partial_list<guest_summary>, decode_error>
{
    return each_by_itself(decode_guest_summary)(data);
}

/// The answer to read::guest_status.
[[nodiscard]] inline auto decode_guest_status(const reply_node& data) -> tl::expected<guest_status, decode_error>
{
    auto summary = decode_guest_summary(data);
    if (!summary) {
        return tl::unexpected(std::move(summary).error());
    }
    const auto ha = data["ha"];
    auto status = guest_status{.summary = *std::move(summary)};
    if (ha.is_absent()) {
        return status;
    }
    auto fields = reply_record{ha};
    status.managed_by_ha = fields.flag("managed");
    status.ha_state = fields.text_if("state");
    return std::move(fields).finish(std::move(status));
}

[[nodiscard]] inline auto decode_cluster_guest(const reply_node& row) -> tl::expected<cluster_guest, decode_error>
{
    const auto id = decode_vmid(row["vmid"]);
    if (!id) {
        return tl::unexpected(id.error());
    }
    auto node = decode_parsed<node_name>(row["node"]);
    if (!node) {
        return tl::unexpected(std::move(node).error());
    }
    const auto type = row["type"].text().value_or("");
    if (type != "lxc" && type != "qemu") {
        return tl::unexpected(row["type"].fail(R"("lxc" or "qemu")"));
    }
    const auto power = decode_power_state(row["status"]);
    return cluster_guest{
        .id = *id,
        .type = type == "lxc" ? cluster_guest::kind::lxc : cluster_guest::kind::qemu,
        .node = *std::move(node),
        .power = power ? std::optional{*power} : std::nullopt,
    };
}

/// The answer to read::cluster_guests.
[[nodiscard]] inline auto decode_cluster_guests(const reply_node& data)
    -> tl::expected<partial_list<cluster_guest>, decode_error>
{
    return each_by_itself(decode_cluster_guest)(data);
}

[[nodiscard]] inline auto decode_vm_summary(const reply_node& row) -> tl::expected<vm_summary, decode_error>
{
    return decode_vmid(row["vmid"]).map([&](vmid id) {
        const auto power = decode_power_state(row["status"]);
        const auto name = row["name"].text();
        return vm_summary{.id = id,
                          .name = name ? std::optional{std::string{*name}} : std::nullopt,
                          .power = power ? std::optional{*power} : std::nullopt};
    });
}

/// The answer to read::virtual_machines, each row by itself.
[[nodiscard]] inline auto decode_vms(const reply_node& data) -> tl::expected<partial_list<vm_summary>, decode_error>
{
    return each_by_itself(decode_vm_summary)(data);
}

/// The answer to read::snapshots. Its row "current" is no snapshot but the guest as it is.
[[nodiscard]] inline auto decode_snapshot_list(const reply_node& data) -> tl::expected<snapshot_list, decode_error>
{
    auto list = snapshot_list{.snapshots = {}};
    auto rows = read_each(data, [&list](const reply_node& row) -> tl::expected<snapshot, decode_error> {
        auto fields = reply_record{row};
        auto made = snapshot{
            .name = fields.text("name"),
            .description = fields.text_if("description").value_or(""),
            .parent = fields.text_if("parent"),
            .unfinished = fields.text_if("snapstate"),
        };
        if (const auto taken = fields.integer_if<std::uint32_t>("snaptime")) {
            made.taken = std::chrono::sys_seconds{std::chrono::seconds{*taken}};
        }
        if (made.name == "current") {
            list.parent = std::move(made.parent);
            if (auto digest = config_digest::parse(fields.text_if("digest").value_or(""))) {
                list.digest = *std::move(digest);
            }
        }
        return std::move(fields).finish(std::move(made));
    });
    if (!rows) {
        return tl::unexpected(std::move(rows).error());
    }
    list.snapshots = *std::move(rows);
    std::erase_if(list.snapshots, [](const snapshot& row) { return row.name == "current"; });
    std::ranges::sort(list.snapshots, {}, &snapshot::name);
    return list;
}

} // namespace felhom::proxmox
