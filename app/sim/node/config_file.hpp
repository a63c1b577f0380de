// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/api/api_schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::sim {

/// The keys of one section with their values as the file holds them; a description with its line ends.
using config_section = std::map<std::string, std::string, std::less<>>;

/// A container's configuration file: what is in force, what a restart brings, the snapshots.
struct config_file {
    config_section current = {};
    std::vector<std::pair<std::string, std::string>> lxc = {}; ///< raw lxc.* lines of the current section
    config_section pending = {};
    std::vector<std::string> pending_deletes = {};
    std::map<std::string, config_section, std::less<>> snapshots = {};

    friend auto operator==(const config_file&, const config_file&) -> bool = default;
};

/// The text of the file as PVE writes it: description first, keys sorted, pending and snapshots after (pve-container
/// LXC/Config.pm, write_pct_config).
[[nodiscard]] auto print(const config_file& config) -> std::string;

/// Reads such a text, also one edited by hand.
[[nodiscard]] auto parse_config_file(std::string_view text) -> config_file;

/// SHA-1 of the file's text, in hexadecimal.
[[nodiscard]] auto digest_of(const config_file& config) -> std::string;

/// A value as PVE sends it: integers and booleans as numbers if they can be read as such, all else as text.
[[nodiscard]] auto typed(std::string_view key, const std::string& value, const parameter_table& keys)
    -> boost::json::value;

/// GET config: what a restart would give, or with `in_force` what is in force now.
[[nodiscard]] auto merged_view(const config_file& config, bool in_force, const parameter_table& keys)
    -> boost::json::object;

/// GET pending: every key with its value, its pending value and its pending deletion.
[[nodiscard]] auto pending_view(const config_file& config, const parameter_table& keys) -> boost::json::array;

[[nodiscard]] auto value_of(const config_section& section, std::string_view key) -> std::string;

} // namespace felhom::sim
