// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/node.hpp>
#include <felhom/proxmox/api/reply_node.hpp>
#include <felhom/proxmox/decode/guests.hpp>
#include <felhom/proxmox/decode/rows.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/model/partial_list.hpp>
#include <felhom/proxmox/model/storage.hpp>
#include <felhom/proxmox/model/storage_id.hpp>

#include <tl/expected.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::proxmox {

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

/// How full a storage is: the answer to read::storage_status, and what a row of read::node_storages tells.
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
