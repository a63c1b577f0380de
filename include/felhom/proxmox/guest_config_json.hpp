#pragma once

#include <felhom/proxmox/config_digest.hpp>
#include <felhom/proxmox/guest_config.hpp>
#include <felhom/proxmox/reply_node.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
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

} // namespace felhom::proxmox
