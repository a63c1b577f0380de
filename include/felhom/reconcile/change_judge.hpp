#pragma once

#include <felhom/proxmox/config_changes.hpp>
#include <felhom/proxmox/property_string.hpp>
#include <felhom/reconcile/actual_state.hpp>
#include <felhom/reconcile/change_privilege.hpp>
#include <felhom/reconcile/key_rule.hpp>
#include <felhom/reconcile/node_facts.hpp>
#include <felhom/reconcile/plan.hpp>
#include <felhom/reconcile/plan_policy.hpp>
#include <felhom/reconcile/property_form.hpp>
#include <felhom/reconcile/skip_reason.hpp>

#include <range/v3/algorithm/any_of.hpp>
#include <range/v3/algorithm/contains.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::reconcile {

/// Says what stands between a difference and the change that would remove it.
class change_judge {
public:
    change_judge(const node_facts& facts, const actual_state& actual, const plan_policy& policy)
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
        if (facts_.release < change.rule->since) {
            return needs_release{change.rule->since};
        }
        if (auto forbidden = forbidden_by_rule(change, found)) {
            return forbidden;
        }
        if (found.lock) {
            return guest_locked{.lock = *found.lock, .by = found.task};
        }
        if (actual_.granted) {
            const auto rights = known_rights{.granted = *actual_.granted, .tags = actual_.tags};
            if (auto missing = missing_for(change, found.id, rights, facts_)) {
                return *std::move(missing);
            }
        }
        return unwritable(change);
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
    [[nodiscard]] auto hidden(const key_rule& rule, vmid id) const -> std::optional<skip_reason>
    {
        const auto exists = facts_.release >= rule.since;
        if (!exists || rule.read_privilege.empty() || (actual_.granted && may(id, rule.read_privilege))) {
            return std::nullopt;
        }
        return value_hidden{.path = path_of(id), .privilege = std::string{rule.read_privilege}};
    }

private:
    [[nodiscard]] static auto path_of(vmid id) -> std::string { return "/vms/" + id.text(); }

    [[nodiscard]] auto is_observed(vmid id) const -> bool { return ranges::contains(policy_.observed, id); }

    /// Whether the token holds a privilege. Where that is not known, the node will judge.
    [[nodiscard]] auto may(vmid id, std::string_view privilege) const -> bool
    {
        return !actual_.granted || ranges::contains(actual_.granted->on(path_of(id)), privilege);
    }

    [[nodiscard]] auto forbidden_by_rule(const config_change& change, const actual_guest& found) const
        -> std::optional<skip_reason>
    {
        switch (change.rule->managed) {
        case management::planned:
            return std::nullopt;
        case management::planned_up:
            return change.normal == "1" ? std::nullopt
                                        : std::optional<skip_reason>{needs_signature{consequence::destructive}};
        case management::nesting_only:
            return only_nesting_differs(change) && is_unprivileged(found) ? std::nullopt
                                                                          : std::optional<skip_reason>{only_root{}};
        case management::root_only:
            return only_root{};
        case management::immutable:
        case management::pve:
            return never_changes{};
        case management::storage:
            return needs_signature{change.rule->weight};
        }
        return never_changes{};
    }

    /// Whether a call can carry the change, which is made of what is desired and of what is stored.
    [[nodiscard]] static auto unwritable(const config_change& change) -> std::optional<skip_reason>
    {
        const auto* const parameter = parameter_of(*change.rule, change.key);
        if (parameter == nullptr) {
            return not_writable{proxmox::key_not_settable{change.key}};
        }
        if (change.to && !proxmox::admits(*parameter, *change.to)) {
            return not_writable{proxmox::value_not_admitted{.key = change.key, .value = *change.to}};
        }
        if (!change.to && !parameter->deletable) {
            return not_writable{proxmox::key_not_deletable{change.key}};
        }
        return std::nullopt;
    }

    /// A token may change features only where nothing but nesting differs (pve-container PVE/LXC.pm).
    [[nodiscard]] auto only_nesting_differs(const config_change& change) const -> bool
    {
        const auto without_nesting = [&](const std::optional<std::string>& text) {
            auto rest = std::string{};
            auto whole = text.value_or("");
            const auto parts = whole.empty() ? proxmox::properties{} : proxmox::split_properties(whole);
            if (!parts) {
                return whole;
            }
            for (const auto& [key, value] : *parts) {
                if (key != "nesting") {
                    rest.append(rest.empty() ? "" : ",").append(key).append("=").append(value);
                }
            }
            auto normal = std::string{};
            normalize_features(rest, facts_, normal);
            return normal;
        };
        return without_nesting(change.from) == without_nesting(change.to);
    }

    [[nodiscard]] static auto is_unprivileged(const actual_guest& found) -> bool
    {
        const auto* const config = std::get_if<actual_config>(&found.config);
        const auto holds = [](const proxmox::pending_entry& entry) {
            return entry.key == "unprivileged" && entry.value == "1";
        };
        return config != nullptr && ranges::any_of(config->entries, holds);
    }

    const node_facts& facts_;
    const actual_state& actual_;
    const plan_policy& policy_;
};

} // namespace felhom::reconcile
