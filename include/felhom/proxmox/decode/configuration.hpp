// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/node.hpp>
#include <felhom/proxmox/api/reply_node.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/proxmox/model/guest_config.hpp>
#include <felhom/proxmox/model/pending.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::proxmox {

/// The raw lines of a configuration: an array of [key, value], whose order counts and whose keys repeat.
[[nodiscard]] inline auto decode_raw_lines(const reply_node& node)
    -> tl::expected<std::vector<std::pair<std::string, std::string>>, decode_error>
{
    return read_each(node,
                     [](const reply_node& line) -> tl::expected<std::pair<std::string, std::string>, decode_error> {
                         const auto* const pair = line.if_array();
                         if (pair == nullptr || pair->size() != 2) {
                             return tl::unexpected(line.fail("a [key, value]"));
                         }
                         auto key = scalar_text(line.element(0, (*pair)[0]));
                         auto value = scalar_text(line.element(1, (*pair)[1]));
                         if (!key || !value) {
                             return tl::unexpected(!key ? std::move(key).error() : std::move(value).error());
                         }
                         return std::pair{*std::move(key), *std::move(value)};
                     });
}

/// The answer to read::config_merged and config_current. Keys this program does not know are kept.
[[nodiscard]] inline auto decode_guest_config(const reply_node& data) -> tl::expected<guest_config, decode_error>
{
    const auto* const object = data.if_object();
    if (object == nullptr) {
        return tl::unexpected(data.fail("an object"));
    }
    auto config = guest_config{};
    config.entries.reserve(object->size());
    for (const auto& [name, value] : *object) {
        const auto key = std::string_view{name};
        const auto node = data.member(key, value);
        if (node.is_absent() || key == "digest") {
            continue;
        }
        if (key == "lxc") {
            auto lines = decode_raw_lines(node);
            if (!lines) {
                return tl::unexpected(std::move(lines).error());
            }
            config.lxc = *std::move(lines);
            continue;
        }
        auto text = scalar_text(node);
        if (!text) {
            return tl::unexpected(std::move(text).error());
        }
        config.entries.push_back(config_entry{.key = std::string{key}, .value = *std::move(text)});
    }
    const auto digest = decode_parsed<config_digest>(data["digest"]);
    if (!digest) {
        return tl::unexpected(digest.error());
    }
    config.digest = digest->text();
    std::ranges::sort(config.entries, {}, &config_entry::key);
    return config;
}

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
    config.entries.reserve(rows->size());
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
