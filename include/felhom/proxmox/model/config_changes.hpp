// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/errors/config_changes_error.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/proxmox/lxc/value_kind.hpp>
#include <felhom/proxmox/model/guest_config.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::proxmox {

/// What one configuration call changes: at least one key, each once, every value one that the call's schema admits.
class config_changes {
public:
    [[nodiscard]] static auto make(std::vector<config_entry> set, std::vector<std::string> remove,
                                   const lxc::key_table& table = lxc::key_table::standard())
        -> tl::expected<config_changes, config_changes_error>
    {
        using failed = tl::unexpected<config_changes_error>;
        if (set.empty() && remove.empty()) {
            return failed{no_changes{}};
        }
        auto keys = std::vector<std::string_view>{};
        for (const auto& entry : set) {
            const auto* const known = table.find(entry.key);
            if (known == nullptr || !known->in_calls) {
                return failed{key_not_settable{entry.key}};
            }
            if (!admits(known->admits, entry.value)) {
                return failed{value_not_admitted{entry.key, entry.value}};
            }
            keys.emplace_back(entry.key);
        }
        for (const auto& key : remove) {
            const auto* const known = table.find(key);
            if (known == nullptr || !known->in_calls) {
                return failed{key_not_settable{key}};
            }
            if (!known->deletable) {
                return failed{key_not_deletable{key}};
            }
            keys.emplace_back(key);
        }
        std::ranges::sort(keys);
        if (const auto twice = std::ranges::adjacent_find(keys); twice != keys.end()) {
            return failed{key_given_twice{std::string{*twice}}};
        }
        std::ranges::sort(set, {}, &config_entry::key);
        std::ranges::sort(remove);
        return config_changes{std::move(set), std::move(remove)};
    }

    [[nodiscard]] auto set() const -> const std::vector<config_entry>& { return set_; }      ///< sorted by key
    [[nodiscard]] auto remove() const -> const std::vector<std::string>& { return remove_; } ///< sorted

    friend auto operator==(const config_changes&, const config_changes&) -> bool = default;

private:
    config_changes(std::vector<config_entry> set, std::vector<std::string> remove)
        : set_{std::move(set)}, remove_{std::move(remove)}
    {
    }

    std::vector<config_entry> set_;
    std::vector<std::string> remove_;
};

} // namespace felhom::proxmox
