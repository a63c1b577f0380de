// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/proxmox/lxc/completion.hpp>
#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/lxc/property_form.hpp>
#include <felhom/proxmox/model/acl_path.hpp>
#include <felhom/proxmox/model/config_changes.hpp>
#include <felhom/proxmox/model/property_string.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/plan/plan.hpp>
#include <felhom/reconcile/plan/plan_policy.hpp>
#include <felhom/reconcile/plan/size_change.hpp>
#include <felhom/reconcile/plan/skip_reason.hpp>
#include <felhom/reconcile/privileges/change_privilege.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::reconcile {

/// Whether a change takes away a guard of the guest's, which needs a signature.
[[nodiscard]] inline auto lowers_guard(const config_change& change) -> bool
{
    return change.rule->managed == lxc::management::set_only && change.normal != "1";
}

/// Says what stands between a difference and the change that would remove it.
class change_judge {
public:
    change_judge(const lxc::node_facts& facts, const actual_state& actual, const plan_policy& policy)
        : facts_{facts}, actual_{actual}, policy_{policy}
    {
    }

    /// Of a change of one key. A key that is refused keeps no other from being written.
    [[nodiscard]] auto obstacle(const config_change& change, const actual_guest& found) const
        -> std::optional<skip_reason>
    {
        if (is_observed(found.id)) {
            return observed_only{};
        }
        if (const auto needed = needed_release(change); facts_.release < needed) {
            return needs_release{needed};
        }
        if (auto forbidden = forbidden_by_rule(change, found)) {
            return forbidden;
        }
        if (found.lock) {
            return guest_locked{.lock = *found.lock, .by = found.task};
        }
        if (auto missing = missing_for(change, found.id)) {
            return *std::move(missing);
        }
        if (!change.to && found.run == run_state::running && waits_for_start(found, change.key)) {
            return waiting_value_stays{};
        }
        return unwritable(change);
    }

    /// Of a volume whose size alone is not as desired.
    [[nodiscard]] auto obstacle_to_size(const config_change& change, const size_change& sizes,
                                        const actual_guest& found, const proxmox::config_digest& digest) const
        -> std::optional<skip_reason>
    {
        if (!sizes.grows()) {
            return never_shrinks{sizes.is.size};
        }
        if (is_observed(found.id)) {
            return observed_only{};
        }
        if (const auto* const entry = row_of(found, change.key); entry != nullptr && !entry->in_sync()) {
            return growth_waits{};
        }
        if (!policy_.allow_grow) {
            return growth_not_allowed{
                .guest = found.id, .disk = sizes.disk, .to = sizes.to, .digest = digest, .host = policy_.host};
        }
        if (found.lock) {
            return guest_locked{.lock = *found.lock, .by = found.task};
        }
        if (auto missing = missing_for(change, found.id)) {
            return *std::move(missing);
        }
        return std::nullopt;
    }

    /// Of a start or a shutdown.
    [[nodiscard]] auto obstacle_to_power(const actual_guest& found) const -> std::optional<skip_reason>
    {
        static constexpr auto privilege = std::string_view{"VM.PowerMgmt"};
        if (is_observed(found.id)) {
            return observed_only{};
        }
        // A mounted guest may be started and stopped; every other lock refuses both, inside the task.
        if (found.lock && *found.lock != "mounted") {
            return guest_locked{.lock = *found.lock, .by = found.task};
        }
        if (found.is_template) {
            return guest_is_template{};
        }
        if (!may(found.id, privilege)) {
            return lacks_privilege{.path = path_of(found.id), .privilege = std::string{privilege}};
        }
        return std::nullopt;
    }

    /// Of a key that was not read: it is unset, or it was not shown (a partial read proves nothing).
    [[nodiscard]] auto hidden(const lxc::config_key& rule, vmid id) const -> std::optional<skip_reason>
    {
        const auto exists = facts_.release >= rule.since;
        if (!exists || rule.read_privilege.empty() || (actual_.granted && may(id, rule.read_privilege))) {
            return std::nullopt;
        }
        return value_hidden{.path = path_of(id), .privilege = std::string{rule.read_privilege}};
    }

private:
    [[nodiscard]] static auto path_of(vmid id) -> std::string { return proxmox::acl_path::of(id); }

    /// The first privilege that a change needs and the token lacks.
    [[nodiscard]] auto missing_for(const config_change& change, vmid id) const -> std::optional<lacks_privilege>
    {
        if (!actual_.granted) {
            return std::nullopt;
        }
        const auto needed = needed_to_change(
            {.guest = id, .key = change.key, .rule = *change.rule, .from = change.from, .to = change.to},
            {.facts = facts_, .tags = actual_.tags});
        const auto missing =
            std::ranges::find_if(needed, [&](const needed_privilege& need) { return !is_met(need, *actual_.granted); });
        return missing == needed.end()
                   ? std::nullopt
                   : std::optional{lacks_privilege{.path = missing->path, .privilege = missing->privilege}};
    }

    [[nodiscard]] auto is_observed(vmid id) const -> bool { return contains(policy_.observed, id); }

    /// Whether the token holds a privilege. Where that is not known, the node will judge.
    [[nodiscard]] auto may(vmid id, std::string_view privilege) const -> bool
    {
        return !actual_.granted || contains(actual_.granted->on(path_of(id)), privilege);
    }

    /// The first release that knows the key and every property that is written.
    [[nodiscard]] static auto needed_release(const config_change& change) -> lxc::pve_release
    {
        auto needed = change.rule->since;
        const auto* const format = lxc::format_of(*change.rule);
        const auto parts = change.to && format != nullptr ? lxc::properties_of(*change.to) : std::nullopt;
        for (const auto& part : parts.value_or(proxmox::properties{})) {
            const auto* const rule = format->rule_of(part.key);
            needed = rule == nullptr ? needed : std::max(needed, rule->since);
        }
        return needed;
    }

    [[nodiscard]] static auto forbidden_by_rule(const config_change& change, const actual_guest& found)
        -> std::optional<skip_reason>
    {
        switch (change.rule->managed) {
        case lxc::management::planned:
            return std::nullopt;
        case lxc::management::set_only:
            return lowers_guard(change) ? std::optional<skip_reason>{needs_signature{lxc::consequence::destructive}}
                                        : std::nullopt;
        case lxc::management::nesting_only:
            return is_unprivileged(found) && only_nesting_differs(change, found)
                       ? std::nullopt
                       : std::optional<skip_reason>{only_root{}};
        case lxc::management::root_only:
            return only_root{};
        case lxc::management::immutable:
        case lxc::management::pve:
            return never_changes{};
        case lxc::management::storage:
            return needs_signature{change.rule->weight};
        }
        return never_changes{};
    }

    /// Whether a call can carry the change, which is made of what is desired and of what is stored.
    [[nodiscard]] static auto unwritable(const config_change& change) -> std::optional<skip_reason>
    {
        if (!change.rule->in_calls) {
            return not_writable{proxmox::key_not_settable{change.key}};
        }
        if (change.to && !admits(change.rule->admits, *change.to)) {
            return not_writable{proxmox::value_not_admitted{.key = change.key, .value = *change.to}};
        }
        if (!change.to && !change.rule->deletable) {
            return not_writable{proxmox::key_not_deletable{change.key}};
        }
        return std::nullopt;
    }

    /// A token may change features only where nothing but nesting differs from what is in force (pve-container
    /// PVE/LXC.pm, check_ct_modify_config_perm). Where there is nothing to compare, since nothing is in force or all is
    /// removed, that is nesting=1 and nothing besides it; over a value that waits for a start, nesting=0 too (recorded
    /// on 8.4.21).
    [[nodiscard]] static auto only_nesting_differs(const config_change& change, const actual_guest& found) -> bool
    {
        const auto in_force = value_in_force(found, change.key).value_or("");
        const auto held = lxc::properties_of(in_force);
        const auto wanted = lxc::properties_of(change.to ? std::string_view{*change.to} : std::string_view{});
        if (!held || !wanted) {
            return false;
        }
        if (!change.to || in_force.empty()) {
            const auto takes_back = change.to && change.from && is_nesting_alone(*wanted, /*or_off=*/true);
            return takes_back || is_nesting_alone(change.to ? *wanted : *held, /*or_off=*/false);
        }
        const auto flag = [](const proxmox::properties& among, std::string_view key) {
            auto normal = std::optional<std::string>{};
            if (const auto value = lxc::detail::value_of(among, key)) {
                lxc::normalize_boolean(*value, {}, normal.emplace());
            }
            return normal;
        };
        const auto keeps = [&](const proxmox::property& part) {
            return part.key == "nesting" || flag(*held, part.key) == flag(*wanted, part.key);
        };
        return std::ranges::all_of(*held, keeps) && std::ranges::all_of(*wanted, keeps);
    }

    [[nodiscard]] static auto is_nesting_alone(const proxmox::properties& flags, bool or_off) -> bool
    {
        return std::ranges::all_of(flags, [&](const proxmox::property& part) {
            return part.key == "nesting" && (or_off || lxc::read_boolean(part.value).value_or(false));
        });
    }

    [[nodiscard]] static auto is_unprivileged(const actual_guest& found) -> bool
    {
        return value_in_force(found, "unprivileged") == "1";
    }

    [[nodiscard]] static auto value_in_force(const actual_guest& found, std::string_view key)
        -> std::optional<std::string>
    {
        const auto* const entry = row_of(found, key);
        return entry == nullptr ? std::nullopt : entry->value;
    }

    [[nodiscard]] static auto waits_for_start(const actual_guest& found, std::string_view key) -> bool
    {
        const auto* const entry = row_of(found, key);
        return entry != nullptr && entry->pending.has_value();
    }

    [[nodiscard]] static auto row_of(const actual_guest& found, std::string_view key) -> const proxmox::pending_entry*
    {
        const auto* const config = std::get_if<actual_config>(&found.config);
        return config == nullptr ? nullptr : entry_of(*config, key);
    }

    const lxc::node_facts& facts_;
    const actual_state& actual_;
    const plan_policy& policy_;
};

} // namespace felhom::reconcile
