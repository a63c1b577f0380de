#pragma once

#include <felhom/proxmox/config_digest.hpp>
#include <felhom/proxmox/reply_node.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::proxmox {

struct snapshot {
    std::string name;
    std::string description = {};
    std::optional<std::chrono::sys_seconds> taken = std::nullopt;
    std::optional<std::string> parent = std::nullopt;
    std::optional<std::string> unfinished = std::nullopt; ///< "prepare" or "delete": it was never completed

    friend auto operator==(const snapshot&, const snapshot&) -> bool = default;
};

/// The snapshots of a guest.
struct snapshot_list {
    std::vector<snapshot> snapshots;                    ///< sorted by name
    std::optional<std::string> parent = std::nullopt;   ///< the one the guest goes on from
    std::optional<config_digest> digest = std::nullopt; ///< of the configuration file that holds them

    friend auto operator==(const snapshot_list&, const snapshot_list&) -> bool = default;
};

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
