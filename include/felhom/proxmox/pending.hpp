#pragma once

#include <felhom/proxmox/config_digest.hpp>
#include <felhom/proxmox/reply_node.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::proxmox {

/// One key of a configuration with what waits for the next restart.
struct pending_entry {
    std::string key;
    std::optional<std::string> value = std::nullopt;   ///< in force now
    std::optional<std::string> pending = std::nullopt; ///< after the next restart
    bool remove = false;                               ///< gone after the next restart

    /// Whether a restart changes nothing of it. Proxmox VE may keep a pending value that is the one in force.
    [[nodiscard]] auto in_sync() const -> bool { return !remove && (!pending || pending == value); }

    friend auto operator==(const pending_entry&, const pending_entry&) -> bool = default;
};

/// Both views of a configuration, key by key.
struct pending_config {
    std::vector<pending_entry> entries; ///< sorted by key, each key once; without `digest`
    std::optional<std::string> digest = std::nullopt;

    /// Whether nothing waits for a restart.
    [[nodiscard]] auto in_sync() const -> bool { return std::ranges::all_of(entries, &pending_entry::in_sync); }

    friend auto operator==(const pending_config&, const pending_config&) -> bool = default;
};

[[nodiscard]] inline auto decode_pending_entry(const reply_node& row) -> tl::expected<pending_entry, decode_error>
{
    static constexpr auto forced = 2U; // the deletion of a key that is not set
    auto fields = reply_record{row};
    auto entry = pending_entry{.key = fields.text("key"),
                               .value = fields.optional("value", scalar_text),
                               .pending = fields.optional("pending", scalar_text)};
    const auto remove = fields.integer_or<std::uint32_t>("delete", 0);
    if (remove > forced) {
        return tl::unexpected(row["delete"].fail("0, 1 or 2"));
    }
    entry.remove = remove != 0;
    return std::move(fields).finish(std::move(entry));
}

/// The answer to read::pending.
[[nodiscard]] inline auto decode_pending(const reply_node& data) -> tl::expected<pending_config, decode_error>
{
    auto rows = read_each(data, decode_pending_entry);
    if (!rows) {
        return tl::unexpected(std::move(rows).error());
    }
    auto config = pending_config{};
    for (auto& row : *rows) {
        if (row.key == "digest") {
            config.digest = std::move(row.value);
        } else {
            config.entries.push_back(std::move(row));
        }
    }
    std::ranges::sort(config.entries, {}, &pending_entry::key);
    const auto twice = std::ranges::adjacent_find(config.entries, {}, &pending_entry::key);
    if (twice != config.entries.end()) {
        return tl::unexpected(data.fail("every key once, not '" + twice->key + "' twice"));
    }
    return config;
}

} // namespace felhom::proxmox
