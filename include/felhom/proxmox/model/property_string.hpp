// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/container/static_vector.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace felhom::proxmox {

/// One `key=value` of a property string. A part written without a key has an empty one: it belongs to the format's
/// default key.
struct property {
    std::string_view key;
    std::string_view value;

    friend auto operator==(const property&, const property&) -> bool = default;
};

/// No format of a container's configuration has this many keys (pve-container PVE/LXC/Config.pm).
inline constexpr auto most_properties = std::size_t{32};

using properties = boost::container::static_vector<property, most_properties>;

/// Splits "name=eth0,bridge=vmbr0" at its commas, without allocating; the parts are views into the text. Nothing when a
/// part is empty, a key is, or there are more parts than any format has.
[[nodiscard]] inline auto split_properties(std::string_view text) -> std::optional<properties>
{
    auto all = properties{};
    while (true) {
        const auto comma = text.find(',');
        const auto part = text.substr(0, comma);
        const auto equals = part.find('=');
        if (part.empty() || equals == 0 || all.size() == most_properties) {
            return std::nullopt;
        }
        if (equals == std::string_view::npos) {
            all.push_back({.key = {}, .value = part});
        } else {
            all.push_back({.key = part.substr(0, equals), .value = part.substr(equals + 1)});
        }
        if (comma == std::string_view::npos) {
            return all;
        }
        text.remove_prefix(comma + 1);
    }
}

} // namespace felhom::proxmox
