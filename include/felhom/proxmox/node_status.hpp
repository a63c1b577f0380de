#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/proxmox/partial_list.hpp>
#include <felhom/proxmox/reply_node.hpp>

#include <boost/json/array.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::proxmox {

/// A node of the cluster.
struct node_summary {
    enum class state { online, offline, unknown };

    node_name name;
    state status;

    friend auto operator==(const node_summary&, const node_summary&) -> bool = default;
};

/// A node as the cluster's statistics show it.
struct cluster_node {
    node_name name;
    std::optional<std::uint32_t> cgroup = std::nullopt; ///< 1 or 2; nothing when the node has not reported
    bool online = false;

    friend auto operator==(const cluster_node&, const cluster_node&) -> bool = default;
};

/// How full something is, in bytes.
struct usage {
    std::uint64_t total = 0;
    std::uint64_t used = 0;

    friend auto operator==(const usage&, const usage&) -> bool = default;
};

/// Both of it, or nothing.
[[nodiscard]] inline auto usage_of(std::optional<std::uint64_t> total, std::optional<std::uint64_t> used)
    -> std::optional<usage>
{
    return total && used ? std::optional{usage{.total = *total, .used = *used}} : std::nullopt;
}

/// How a node is doing. What it does not tell, or tells in no way that is understood, is nothing, not 0.
struct node_status {
    std::optional<std::uint64_t> uptime = std::nullopt; ///< seconds
    std::optional<double> cpu = std::nullopt; ///< the share of all its cpus in use; 0 on a worker's first call
    std::optional<std::uint32_t> cpus = std::nullopt;
    std::optional<std::array<double, 3>> load = std::nullopt; ///< over 1, 5 and 15 minutes
    std::optional<usage> memory = std::nullopt;
    std::optional<usage> swap = std::nullopt;
    std::optional<usage> root = std::nullopt;
    std::optional<std::string> kernel = std::nullopt;
    std::optional<std::string> manager = std::nullopt; ///< "pve-manager/9.2.2/b9984c6d90a4bd80"

    friend auto operator==(const node_status&, const node_status&) -> bool = default;
};

/// The answer to read::nodes.
[[nodiscard]] inline auto decode_node_list(const reply_node& data)
    -> tl::expected<std::vector<node_summary>, decode_error>
{
    return read_each(data, [](const reply_node& row) -> tl::expected<node_summary, decode_error> {
        auto name = decode_parsed<node_name>(row["node"]);
        if (!name) {
            return tl::unexpected(std::move(name).error());
        }
        const auto status = row["status"].text().value_or("");
        if (status == "online") {
            return node_summary{*std::move(name), node_summary::state::online};
        }
        if (status == "offline") {
            return node_summary{*std::move(name), node_summary::state::offline};
        }
        if (status == "unknown") {
            return node_summary{*std::move(name), node_summary::state::unknown};
        }
        return tl::unexpected(row["status"].fail(R"("online", "offline" or "unknown")"));
    });
}

/// The answer to read::cluster_nodes.
[[nodiscard]] inline auto decode_cluster_nodes(const reply_node& data)
    -> tl::expected<partial_list<cluster_node>, decode_error>
{
    const auto of_row = [](const reply_node& row) -> tl::expected<cluster_node, decode_error> {
        return decode_parsed<node_name>(row["node"]).map([&](node_name name) {
            return cluster_node{.name = std::move(name),
                                .cgroup = reply_record{row}.shown_integer<std::uint32_t>("cgroup-mode"),
                                .online = row["status"].text().value_or("") == "online"};
        });
    };
    return each_by_itself(of_row)(data);
}

/// Whether every node of the cluster answers: then it has quorum, whatever its votes are.
[[nodiscard]] inline auto are_all_online(const partial_list<cluster_node>& nodes) -> bool
{
    return !nodes.rows.empty() && nodes.odd.empty() && std::ranges::all_of(nodes.rows, &cluster_node::online);
}

/// The answer to read::cluster_status: whether the cluster has quorum; nothing of a node that is in none.
[[nodiscard]] inline auto decode_quorate(const reply_node& data) -> tl::expected<std::optional<bool>, decode_error>
{
    const auto rows = read_each(data, [](const reply_node& row) -> tl::expected<std::optional<bool>, decode_error> {
        if (row["type"].text().value_or("") != "cluster") {
            return std::optional<bool>{};
        }
        return row["quorate"].flag().map([](bool held) { return std::optional{held}; });
    });
    if (!rows) {
        return tl::unexpected(rows.error());
    }
    const auto cluster = std::ranges::find_if(*rows, [](const std::optional<bool>& row) { return row.has_value(); });
    return cluster == rows->end() ? std::optional<bool>{} : *cluster;
}

[[nodiscard]] inline auto decode_usage(const reply_node& node) -> tl::expected<usage, decode_error>
{
    auto fields = reply_record{node};
    const auto read =
        usage{.total = fields.integer<std::uint64_t>("total"), .used = fields.integer<std::uint64_t>("used")};
    return std::move(fields).finish(read);
}

[[nodiscard]] inline auto decode_load(const reply_node& node) -> tl::expected<std::array<double, 3>, decode_error>
{
    auto load = std::array<double, 3>{};
    const auto* const figures = node.if_array();
    if (figures == nullptr || figures->size() != load.size()) {
        return tl::unexpected(node.fail("an array of three"));
    }
    for (auto at = std::size_t{0}; auto& mean : load) {
        const auto figure = node.element(at, (*figures)[at]).figure();
        if (!figure) {
            return tl::unexpected(figure.error());
        }
        mean = *figure;
        ++at;
    }
    return load;
}

/// The answer to read::node_status. Of a node that tells nothing of itself it is none.
[[nodiscard]] inline auto decode_node_status(const reply_node& data) -> tl::expected<node_status, decode_error>
{
    auto fields = reply_record{data};
    auto status = node_status{
        .uptime = fields.shown_integer<std::uint64_t>("uptime"),
        .cpu = fields.shown_figure("cpu"),
        .cpus = shown(data["cpuinfo"]["cpus"].integer<std::uint32_t>()),
        .load = shown(decode_load(data["loadavg"])),
        .memory = shown(decode_usage(data["memory"])),
        .swap = shown(decode_usage(data["swap"])),
        .root = shown(decode_usage(data["rootfs"])),
        .kernel = fields.shown_text("kversion"),
        .manager = fields.shown_text("pveversion"),
    };
    if (data.if_object() != nullptr && status == node_status{}) {
        return tl::unexpected(data.fail("the status of a node"));
    }
    return std::move(fields).finish(std::move(status));
}

} // namespace felhom::proxmox
