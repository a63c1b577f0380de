// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/printable.hpp>
#include <felhom/operate/operation/shown_state.hpp>
#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/lxc/consequence.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/lxc/standard_keys.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/actual/lost_interface.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the read of a configuration shows of keys that were written: whether they are stored as they were wanted, and
// whether they are in force.
namespace felhom::operate {

/// What a read shows that is not as wanted; nothing when all is.
using mismatch = std::optional<std::string>;

namespace detail {

[[nodiscard]] inline auto mismatch_of(const config_holds& wanted, const proxmox::pending_config& read,
                                      const lxc::node_facts& facts, const lxc::key_table& table) -> mismatch
{
    for (const auto& [key, value] : wanted.keys) {
        const auto* const rule = table.find(key);
        if (rule == nullptr) {
            return key + " is not a known configuration key";
        }
        const auto normal_of = [&](std::string_view text) {
            auto normal = std::string{};
            lxc::normalize(*rule, text, facts, normal);
            return normal;
        };
        const auto entry = std::ranges::find(read.entries, key, &proxmox::pending_entry::key);
        const auto* const stored = entry == read.entries.end() ? nullptr : reconcile::stored_value(*entry);
        const auto absence = std::string{default_of(*rule, facts)};
        // What the change left open, Proxmox VE has filled in by now: the address of a new interface.
        const auto as_wanted = stored == nullptr ? !value || normal_of(*value) == absence
                               : value           ? normal_of(rule->complete(*value, *stored)) == normal_of(*stored)
                                                 : normal_of(*stored) == absence;
        if (!as_wanted) {
            return key + " reads '" + (stored == nullptr ? std::string{"(unset)"} : printable(*stored)) + "'";
        }
    }
    return std::nullopt;
}

/// The keys that are stored and not in force: they wait for the guest's next start.
[[nodiscard]] inline auto waiting_keys(const config_holds& wanted, const proxmox::pending_config& read)
    -> std::vector<std::string>
{
    auto waiting = std::vector<std::string>{};
    for (const auto& [key, value] : wanted.keys) {
        const auto entry = std::ranges::find(read.entries, key, &proxmox::pending_entry::key);
        if (entry != read.entries.end() && !entry->in_sync()) {
            waiting.push_back(key);
        }
    }
    return waiting;
}

/// What was to be applied at once and waits for a start: hot-plug failed.
[[nodiscard]] inline auto not_plugged(const config_holds& wanted, const proxmox::pending_config& read,
                                      const lxc::key_table& table) -> std::string
{
    auto text = std::string{};
    for (const auto& [key, value] : wanted.keys) {
        const auto* const rule = table.find(key);
        const auto entry = std::ranges::find(read.entries, key, &proxmox::pending_entry::key);
        if (rule == nullptr || entry == read.entries.end() || entry->in_sync()
            || effect_of(*rule, key, entry->remove) != lxc::applies::live) {
            continue;
        }
        text += (text.empty() ? "" : ", ") + key
                + (reconcile::is_lost_interface(*entry)
                       ? " is lost until the guest's next start, which will try what is stored"
                       : " is stored and the running guest did not take it; its next start will try it");
    }
    return text;
}

} // namespace detail

} // namespace felhom::operate
