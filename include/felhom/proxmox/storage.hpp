#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/guest_summary.hpp>
#include <felhom/proxmox/partial_list.hpp>
#include <felhom/proxmox/reply_node.hpp>
#include <felhom/proxmox/storage_id.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::proxmox {

/// A storage as the cluster is configured with it.
struct storage_config {
    storage_id id;
    std::string type;                 ///< "dir", "lvmthin", "pbs"
    std::vector<std::string> content; ///< sorted; Proxmox VE tells them in random order
    bool shared = false;
    bool disabled = false;

    friend auto operator==(const storage_config&, const storage_config&) -> bool = default;
};

/// A storage as one node sees it, in bytes; a size that is not told is nothing. An inactive one tells 0 for all.
struct storage_status {
    std::string type;
    std::vector<std::string> content; ///< sorted
    bool active = false;
    bool enabled = false;
    bool shared = false;
    std::optional<std::uint64_t> total = std::nullopt;
    std::optional<std::uint64_t> used = std::nullopt;
    std::optional<std::uint64_t> available = std::nullopt;

    friend auto operator==(const storage_status&, const storage_status&) -> bool = default;
};

struct node_storage {
    storage_id id;
    storage_status status;

    friend auto operator==(const node_storage&, const node_storage&) -> bool = default;
};

/// A volume on a storage. Its id is foreign text here: what is to be sent back goes through volume_id::parse.
struct stored_volume {
    std::string id;
    std::string content; ///< "backup", "rootdir"
    std::string format;
    std::string subtype = {}; ///< of a backup: "lxc", "qemu"; see backup_kind_of
    std::optional<std::uint64_t> size = std::nullopt;
    std::optional<std::chrono::sys_seconds> created = std::nullopt;
    std::optional<vmid> owner = std::nullopt;
    std::string notes = {}; ///< the first line
    bool kept_from_pruning = false;
    std::optional<std::string> verification = std::nullopt; ///< "ok", "failed": by a Proxmox Backup Server

    friend auto operator==(const stored_volume&, const stored_volume&) -> bool = default;
};

[[nodiscard]] inline auto split_content(std::string_view list) -> std::vector<std::string>
{
    auto kinds = std::vector<std::string>{};
    while (!list.empty()) {
        const auto kind = list.substr(0, list.find(','));
        list.remove_prefix(kind.size() == list.size() ? kind.size() : kind.size() + 1);
        if (!kind.empty()) {
            kinds.emplace_back(kind);
        }
    }
    std::ranges::sort(kinds);
    return kinds;
}

/// The answer to read::storages.
[[nodiscard]] inline auto decode_storage_list(const reply_node& data)
    -> tl::expected<std::vector<storage_config>, decode_error>
{
    return read_each(data, [](const reply_node& row) -> tl::expected<storage_config, decode_error> {
        auto id = decode_parsed<storage_id>(row["storage"]);
        if (!id) {
            return tl::unexpected(std::move(id).error());
        }
        auto fields = reply_record{row};
        auto config = storage_config{
            .id = *std::move(id),
            .type = fields.text("type"),
            .content = split_content(fields.text_if("content").value_or("")),
            .shared = fields.flag("shared"),
            .disabled = fields.flag("disable"),
        };
        return std::move(fields).finish(std::move(config));
    });
}

/// How full a storage is, as a row of read::node_storages tells.
[[nodiscard]] inline auto decode_storage_status(const reply_node& data) -> tl::expected<storage_status, decode_error>
{
    auto fields = reply_record{data};
    auto status = storage_status{
        .type = fields.text("type"),
        .content = split_content(fields.text_if("content").value_or("")),
        .active = fields.flag("active"),
        .enabled = fields.flag("enabled"),
        .shared = fields.flag("shared"),
        .total = fields.shown_integer<std::uint64_t>("total"),
        .used = fields.shown_integer<std::uint64_t>("used"),
        .available = fields.shown_integer<std::uint64_t>("avail"),
    };
    return std::move(fields).finish(std::move(status));
}

[[nodiscard]] inline auto decode_node_storage(const reply_node& row) -> tl::expected<node_storage, decode_error>
{
    auto id = decode_parsed<storage_id>(row["storage"]);
    if (!id) {
        return tl::unexpected(std::move(id).error());
    }
    return decode_storage_status(row).map(
        [&](storage_status status) { return node_storage{.id = *std::move(id), .status = std::move(status)}; });
}

/// The answer to read::node_storages.
[[nodiscard]] inline auto decode_node_storages(const reply_node& data)
    -> tl::expected<partial_list<node_storage>, decode_error>
{
    return each_by_itself(decode_node_storage)(data);
}

[[nodiscard]] inline auto decode_stored_volume(const reply_node& row) -> tl::expected<stored_volume, decode_error>
{
    auto fields = reply_record{row};
    auto volume = stored_volume{
        .id = fields.text("volid"),
        .content = fields.text_if("content").value_or(""),
        .format = fields.text_if("format").value_or(""),
        .subtype = fields.text_if("subtype").value_or(""),
        .size = fields.shown_integer<std::uint64_t>("size"),
        .notes = fields.shown_text("notes").value_or(""),
        .kept_from_pruning = fields.flag("protected"),
    };
    if (const auto created = fields.shown_integer<std::uint32_t>("ctime")) {
        volume.created = std::chrono::sys_seconds{std::chrono::seconds{*created}};
    }
    // A volume may belong to an id that no guest can have: then it has no owner.
    if (const auto owner = decode_vmid(row["vmid"])) {
        volume.owner = *owner;
    }
    if (const auto state = row["verification"]["state"].text()) {
        volume.verification = std::string{*state};
    }
    return std::move(fields).finish(std::move(volume));
}

/// The answer to read::storage_content, each row by itself.
[[nodiscard]] inline auto decode_volumes(const reply_node& data)
    -> tl::expected<partial_list<stored_volume>, decode_error>
{
    return each_by_itself(decode_stored_volume)(data);
}

} // namespace felhom::proxmox
