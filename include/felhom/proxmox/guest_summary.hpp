#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/guest_kind.hpp>
#include <felhom/proxmox/partial_list.hpp>
#include <felhom/proxmox/reply_node.hpp>

#include <tl/expected.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::proxmox {

enum class power_state { running, stopped };

inline constexpr auto power_state_words =
    enum_table{std::array{enum_word{power_state::running, "running"}, enum_word{power_state::stopped, "stopped"}}};

/// One container of a node, as the node's list shows it. Figures are bytes and seconds; one that is not told is
/// nothing, not 0.
struct guest_summary {
    vmid id;
    power_state power;
    std::string name; ///< the host name, or "CT<id>"
    bool is_template = false;
    std::optional<std::string> lock = std::nullopt;
    std::string tags = {};
    std::optional<double> cpu = std::nullopt; ///< the share of its cpus in use; just after a restart a little below 0
    std::optional<double> cpus = std::nullopt;
    std::optional<std::uint64_t> memory = std::nullopt;
    std::optional<std::uint64_t> memory_limit = std::nullopt;
    std::optional<std::uint64_t> swap = std::nullopt;
    std::optional<std::uint64_t> swap_limit = std::nullopt;
    std::optional<std::uint64_t> disk = std::nullopt;
    std::optional<std::uint64_t> disk_limit = std::nullopt;
    std::optional<std::uint64_t> network_in = std::nullopt;
    std::optional<std::uint64_t> network_out = std::nullopt;
    std::optional<std::uint64_t> disk_read = std::nullopt;
    std::optional<std::uint64_t> disk_written = std::nullopt;
    std::optional<std::uint64_t> uptime = std::nullopt;

    friend auto operator==(const guest_summary&, const guest_summary&) -> bool = default;
};

/// A container as it is this moment.
struct guest_status {
    guest_summary summary;
    bool managed_by_ha = false;
    std::optional<std::string> ha_state = std::nullopt;

    friend auto operator==(const guest_status&, const guest_status&) -> bool = default;
};

/// A guest anywhere in the cluster, as its statistics tell some ten seconds later.
struct cluster_guest {
    using kind = guest_kind;

    vmid id;
    kind type;
    node_name node;
    std::optional<power_state> power; ///< nothing when its node has not reported

    friend auto operator==(const cluster_guest&, const cluster_guest&) -> bool = default;
};

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

} // namespace felhom::proxmox
