// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/lxc/standard_keys.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace felhom::lxc {

/// The table by which calls are made, read and planned: the standard rows, and those that another project adds in front
/// of them.
class key_table {
public:
    [[nodiscard]] static auto standard() -> key_table { return key_table{{}}; }

    /// Rows found before the standard ones. The table refers to them: they must outlive it.
    [[nodiscard]] static auto extended(std::span<const config_key> added) -> key_table { return key_table{added}; }

    /// The row of a key as PVE writes it ("memory", "net0"), or nothing for a key outside the table.
    [[nodiscard]] auto find(std::string_view key) const -> const config_key*
    {
        const auto* const rule = find_in(added_, key);
        return rule != nullptr ? rule : find_in(standard_keys, key);
    }

    /// All rows, the added ones first.
    [[nodiscard]] auto rules() const -> std::vector<const config_key*>
    {
        auto all = std::vector<const config_key*>{};
        for (const auto& rule : added_) {
            all.push_back(&rule);
        }
        for (const auto& rule : standard_keys) {
            all.push_back(&rule);
        }
        return all;
    }

private:
    explicit key_table(std::span<const config_key> added) : added_{added} {}

    [[nodiscard]] static auto find_in(std::span<const config_key> rules, std::string_view key) -> const config_key*
    {
        const auto found = std::ranges::find_if(rules, [&](const config_key& rule) {
            return rule.indices == 0 ? rule.key == key
                                     : key.starts_with(rule.key) && is_index(key.substr(rule.key.size()), rule.indices);
        });
        return found == rules.end() ? nullptr : &*found;
    }

    [[nodiscard]] static auto is_index(std::string_view digits, std::uint16_t indices) -> bool
    {
        const auto index = parse_decimal<std::uint16_t>(digits);
        const auto canonical = digits.size() == 1 || !digits.starts_with('0');
        return index && canonical && *index < indices;
    }

    std::span<const config_key> added_;
};

} // namespace felhom::lxc
