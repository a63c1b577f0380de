// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/desired/normal_desired.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::reconcile {

namespace detail {

/// What is completed from: the stored value, or the one in force where that is about to go. Features always from the
/// one in force, since Proxmox VE compares with that (pve-container PVE/LXC.pm, check_ct_modify_config_perm).
[[nodiscard]] inline auto completed_from(const lxc::config_key& rule, const proxmox::pending_entry* present)
    -> std::string_view
{
    if (present == nullptr) {
        return {};
    }
    const auto* const stored = stored_value(*present);
    if (stored != nullptr && rule.managed != lxc::management::nesting_only) {
        return *stored;
    }
    return present->value ? std::string_view{*present->value} : std::string_view{};
}

} // namespace detail

/// A desired value as it would be written over what is there; nothing when the key is to be removed.
[[nodiscard]] inline auto completed_value(const normal_entry& entry, const proxmox::pending_entry* present)
    -> std::optional<std::string>
{
    auto completed = entry.rule->complete(entry.value().value_or(""), detail::completed_from(*entry.rule, present));
    // A removal does not take back what waits for a start; flags that are written do (recorded on 8.4.21).
    if (completed.empty() && entry.value() && entry.rule->managed == lxc::management::nesting_only && present != nullptr
        && present->pending) {
        return "nesting=0";
    }
    const auto removes = completed.empty() && (present != nullptr || !entry.value());
    return removes ? std::nullopt : std::optional{std::move(completed)};
}

/// The normal form of that, which a read must show once it is written.
[[nodiscard]] inline auto normal_form_of(const lxc::config_key& rule, const std::optional<std::string>& value,
                                         const lxc::node_facts& facts) -> std::string
{
    if (!value) {
        return std::string{lxc::default_of(rule, facts)};
    }
    auto normal = std::string{};
    lxc::normalize(rule, *value, facts, normal);
    return normal;
}

} // namespace felhom::reconcile
