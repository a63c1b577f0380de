// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/node.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/proxmox/api/reply_node.hpp>
#include <felhom/proxmox/decode/rows.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/model/cluster_options.hpp>
#include <felhom/proxmox/model/node_status.hpp>
#include <felhom/proxmox/model/partial_list.hpp>
#include <felhom/proxmox/model/property_string.hpp>
#include <felhom/proxmox/model/version.hpp>

#include <boost/json/array.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::proxmox {

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

/// The answer to read::version.
[[nodiscard]] inline auto decode_version(const reply_node& data) -> tl::expected<version, decode_error>
{
    auto fields = reply_record{data};
    auto read = version{
        .number = fields.text("version"),
        .release = fields.text("release"),
        .repository = fields.text_if("repoid").value_or(""),
    };
    return std::move(fields).finish(std::move(read));
}

namespace detail {

/// A member of an object, or of the property string that it was written as.
[[nodiscard]] inline auto option_member(const reply_node& node, std::string_view key) -> std::string
{
    if (node.if_object() != nullptr) {
        return scalar_text(node[key]).value_or("");
    }
    const auto text = node.text().value_or("");
    const auto parts = text.empty() ? std::nullopt : split_properties(text);
    if (!parts) {
        return {};
    }
    const auto found = std::ranges::find(*parts, key, &property::key);
    return found == parts->end() ? std::string{} : std::string{found->value};
}

[[nodiscard]] inline auto decode_tags(const reply_node& node) -> tl::expected<std::vector<std::string>, decode_error>
{
    if (node.is_absent()) {
        return std::vector<std::string>{};
    }
    return read_each(node, scalar_text);
}

} // namespace detail

/// The answer to read::cluster_options. Without Sys.Audit on / it lacks what is said of registered tags.
[[nodiscard]] inline auto decode_cluster_options(const reply_node& data) -> tl::expected<cluster_options, decode_error>
{
    if (data.if_object() == nullptr) {
        return tl::unexpected(data.fail("an object"));
    }
    auto registered = detail::decode_tags(data["registered-tags"]);
    auto allowed = detail::decode_tags(data["allowed-tags"]);
    if (!registered || !allowed) {
        return tl::unexpected(registered ? std::move(allowed).error() : std::move(registered).error());
    }
    const auto access = detail::option_member(data["user-tag-access"], "user-allow");
    const auto sensitive = detail::option_member(data["tag-style"], "case-sensitive");
    return cluster_options{
        .tags_case_sensitive = sensitive == "1",
        .tags = {.registered = *std::move(registered),
                 .any_other = access.empty() || access == "free",
                 .allowed = *std::move(allowed)},
    };
}

} // namespace felhom::proxmox
