// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/lxc/consequence.hpp>
#include <felhom/proxmox/lxc/standard_keys.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/actual/lost_interface.hpp>
#include <felhom/reconcile/actual/reason_for_missing.hpp>
#include <felhom/reconcile/actual/waiting_values.hpp>
#include <felhom/reconcile/desired/completed_value.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>
#include <felhom/reconcile/desired/normal_desired.hpp>
#include <felhom/reconcile/plan/change_judge.hpp>
#include <felhom/reconcile/plan/plan.hpp>
#include <felhom/reconcile/plan/plan_policy.hpp>
#include <felhom/reconcile/plan/size_change.hpp>
#include <felhom/reconcile/plan/skip_reason.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::reconcile {

/// An observation that is not what observations are: its guests are not sorted, or one is there twice.
struct invalid_observed {
    std::uint32_t id;

    friend auto operator==(const invalid_observed&, const invalid_observed&) -> bool = default;
};

[[nodiscard]] inline auto describe(const invalid_observed& error) -> std::string
{
    return "guest " + std::to_string(error.id) + " was observed twice or out of order";
}

/// Merges a desired with an actual state, both sorted. Stores nothing but the plan it is making.
class planner {
public:
    [[nodiscard]] static auto make(const normal_desired& desired, const actual_state& actual, const plan_policy& policy)
        -> tl::expected<plan, invalid_observed>
    {
        const auto out_of_order = [](const actual_guest& a, const actual_guest& b) { return a.id >= b.id; };
        const auto misplaced = std::ranges::adjacent_find(actual.guests, out_of_order);
        if (misplaced != actual.guests.end()) {
            return tl::unexpected(invalid_observed{.id = misplaced->id.number()});
        }
        auto making = planner{desired, actual, policy};
        auto found = actual.guests.begin();
        for (const auto& guest : desired.guests()) {
            while (found != actual.guests.end() && found->id < guest.id) {
                ++found;
            }
            const auto is_there = found != actual.guests.end() && found->id == guest.id;
            if (!is_there) {
                making.note_missing(guest, actual);
            } else if (guest.absent) {
                making.hold_destroy(*found);
            } else {
                making.compare(guest, *found);
            }
        }
        return std::move(making.plan_);
    }

private:
    planner(const normal_desired& desired, const actual_state& actual, const plan_policy& policy)
        : desired_{desired}, policy_{policy}, judge_{desired.facts(), actual, policy}, plan_{desired.generation()}
    {
    }

    /// A guest that the node does not list.
    void note_missing(const normal_guest& guest, const actual_state& actual)
    {
        const auto odd = std::ranges::find(actual.odd, guest.id, &odd_guest::id);
        if (odd != actual.odd.end()) {
            skip(guest.id, {}, {}, {}, guest_unreadable{odd->why});
            return;
        }
        if (auto reason = reason_for_missing(guest.absent, where_is(guest.id, actual))) {
            skip(guest.id, {}, {}, {}, *std::move(reason));
        } else {
            ++plan_.compared_;
        }
    }

    /// A guest that is to be gone, and is not.
    void hold_destroy(const actual_guest& found)
    {
        now_ = &found;
        auto reason =
            std::visit(overloaded{
                           [&](const actual_config& config) -> skip_reason {
                               ++plan_.compared_;
                               return destroy_needs_signature{.guest = found.id,
                                                              .digest = config.digest,
                                                              .running = found.run == run_state::running,
                                                              .is_protected = is_protected(config),
                                                              .host = policy_.host};
                           },
                           [](const unread_config& unread) -> skip_reason { return guest_unreadable{unread.why}; },
                       },
                       found.config);
        skip(found.id, {}, {}, {}, std::move(reason), lxc::consequence::destructive);
        now_ = nullptr;
    }

    [[nodiscard]] static auto is_protected(const actual_config& config) -> bool
    {
        const auto entry = std::ranges::find(config.entries, "protection", &proxmox::pending_entry::key);
        return entry != config.entries.end() && entry->value.value_or("0") != "0";
    }

    void compare(const normal_guest& guest, const actual_guest& found)
    {
        now_ = &found;
        std::visit(overloaded{
                       [&](const actual_config& config) {
                           ++plan_.compared_;
                           compare_config(guest, found, config);
                       },
                       [&](const unread_config& unread) {
                           if (guest.entries.empty()) {
                               ++plan_.compared_;
                           } else {
                               skip(guest.id, {}, {}, {}, guest_unreadable{unread.why});
                           }
                       },
                   },
                   found.config);
        if (guest.run && *guest.run != found.run) {
            compare_run_state(guest, found);
        }
        now_ = nullptr;
    }

    /// Both sides are sorted by key, so one walk over them suffices.
    void compare_config(const normal_guest& guest, const actual_guest& found, const actual_config& config)
    {
        auto update = update_config{.id = guest.id, .changes = {}, .digest = config.digest};
        auto growing = std::vector<grow_volume>{};
        auto at = config.entries.begin();
        const auto end = config.entries.end();
        for (const auto& entry : guest.entries) {
            while (at != end && at->key < entry.key()) {
                ++at;
            }
            const auto* const present = at != end && at->key == entry.key() ? &*at : nullptr;
            const auto* const stored = present == nullptr ? nullptr : stored_value(*present);
            const auto hidden = present == nullptr ? judge_.hidden(*entry.rule, found.id) : std::nullopt;
            if (hidden) {
                skip(found.id, entry.key(), {}, entry.value(), *hidden);
            } else if (same(entry, stored)) {
                note_waiting(entry, present, found);
            } else {
                differ(entry, present, found, update, growing);
            }
        }
        if (found.run == run_state::running) {
            note_unchanged_limit(update.changes);
            note_lost_interfaces(found, config);
        }
        if (!update.changes.empty()) {
            act(std::move(update));
        }
        for (auto& one : growing) {
            act(std::move(one));
        }
    }

    /// What is stored as desired, and not yet in force.
    void note_waiting(const normal_entry& entry, const proxmox::pending_entry* present, const actual_guest& found)
    {
        if (found.run != run_state::running || present == nullptr) {
            return;
        }
        if (auto reason = reason_for_waiting(*entry.rule, *present)) {
            skip(found.id, entry.key(), present->value, entry.value(), *std::move(reason),
                 lxc::consequence::needs_restart);
        }
    }

    /// Also those that nobody manages: whoever lost them, the guest is without them.
    void note_lost_interfaces(const actual_guest& found, const actual_config& config)
    {
        for (const auto& entry : config.entries) {
            if (is_lost_interface(entry)) {
                skip(found.id, entry.key, std::nullopt, entry.pending, interface_lost{},
                     lxc::consequence::connectivity_risk);
            }
        }
    }

    /// Whether the stored value means what is desired. Equal texts do; only other texts are brought into normal form.
    [[nodiscard]] auto same(const normal_entry& entry, const std::string* stored) -> bool
    {
        const auto& wanted = entry.value();
        if (stored == nullptr) {
            return !wanted || entry.normal == default_of(*entry.rule, desired_.facts());
        }
        if (wanted && *wanted == *stored) {
            return true;
        }
        return normal_of(*entry.rule, *stored) == entry.normal;
    }

    /// The normal form of a text, in a buffer that lives until the next call.
    [[nodiscard]] auto normal_of(const lxc::config_key& rule, std::string_view text) -> std::string_view
    {
        buffer_.clear();
        lxc::normalize(rule, text, desired_.facts(), buffer_);
        return buffer_;
    }

    void differ(const normal_entry& entry, const proxmox::pending_entry* present, const actual_guest& found,
                update_config& update, std::vector<grow_volume>& growing)
    {
        const auto* const stored = present == nullptr ? nullptr : stored_value(*present);
        auto to = completed_value(entry, present);
        auto normal = normal_form_of(*entry.rule, to, desired_.facts());
        if (stored != nullptr && normal_of(*entry.rule, *stored) == normal) {
            note_waiting(entry, present, found); // what desired left open is what is stored
            return;
        }
        const auto effect = effect_of(*entry.rule, entry.key(), /*removed=*/!to);
        auto change = config_change{
            .key = entry.key(),
            .from = stored == nullptr ? std::nullopt : std::optional{*stored},
            .to = std::move(to),
            .normal = std::move(normal),
            .rule = entry.rule,
            .effect = effect,
            .weight = entry.rule->weight,
        };
        if (found.run == run_state::running && change.effect == lxc::applies::pending) {
            change.weight = std::max(change.weight, lxc::consequence::needs_restart);
        }
        if (lowers_guard(change)) {
            change.weight = lxc::consequence::destructive;
        }
        if (const auto sizes = size_change_in(change)) {
            change_size(std::move(change), *sizes, found, update.digest, growing);
        } else if (auto reason = judge_.obstacle(change, found)) {
            skip(found.id, std::move(change.key), std::move(change.from), std::move(change.to), *std::move(reason),
                 change.weight);
        } else {
            update.changes.push_back(std::move(change));
        }
    }

    [[nodiscard]] auto size_change_in(const config_change& change) -> std::optional<size_change>
    {
        return change.from && change.to ? size_change_of(*change.rule, change.key,
                                                         {.from = *change.from,
                                                          .from_normal = normal_of(*change.rule, *change.from),
                                                          .to = *change.to,
                                                          .to_normal = change.normal})
                                        : std::nullopt;
    }

    /// A volume of which only the size is not as desired.
    void change_size(config_change change, const size_change& sizes, const actual_guest& found,
                     const proxmox::config_digest& digest, std::vector<grow_volume>& growing)
    {
        if (auto reason = judge_.obstacle_to_size(change, sizes, found, digest)) {
            const auto weight = sizes.grows() ? lxc::consequence::growing : lxc::consequence::destructive;
            skip(found.id, std::move(change.key), std::move(change.from), std::move(change.to), *std::move(reason),
                 weight);
            return;
        }
        growing.push_back({.id = found.id,
                           .disk = sizes.disk,
                           .from = std::move(change.from).value_or(std::string{}),
                           .is = sizes.is.size,
                           .to = sizes.to,
                           .digest = digest});
    }

    void compare_run_state(const normal_guest& guest, const actual_guest& found)
    {
        const auto text_of = [](run_state run) { return std::string{run_state_words.text_of(run)}; };
        const auto wanted = guest.run.value_or(found.run);
        const auto step =
            wanted == run_state::running
                ? action{start_guest{guest.id}}
                : action{shutdown_guest{.id = guest.id, .kill_after_timeout = policy_.kill_after_timeout}};
        if (auto reason = judge_.obstacle_to_power(found)) {
            skip(guest.id, "run_state", text_of(found.run), text_of(wanted), *std::move(reason), weight_of(step));
        } else {
            act(step);
        }
    }

    void act(action step)
    {
        remember_name(guest_of(step));
        plan_.actions_.push_back(std::move(step));
    }

    void skip(vmid id, std::string key, std::optional<std::string> from, std::optional<std::string> to, skip_reason why,
              std::optional<lxc::consequence> weight = std::nullopt)
    {
        remember_name(id);
        plan_.skips_.push_back({.id = id,
                                .key = std::move(key),
                                .from = std::move(from),
                                .to = std::move(to),
                                .why = std::move(why),
                                .weight = weight});
    }

    /// Guests come in order, each once.
    void remember_name(vmid id)
    {
        if (now_ != nullptr && (plan_.names_.empty() || plan_.names_.back().first != id)) {
            plan_.names_.emplace_back(id, now_->name);
        }
    }

    const normal_desired& desired_;
    const plan_policy& policy_;
    change_judge judge_;
    plan plan_;
    const actual_guest* now_ = nullptr; ///< the guest that is being compared
    std::string buffer_;
};

/// The least that brings a node from its actual to its desired state without a signature, and everything else that
/// parts the two, with the reason why it is left. Deterministic: ordered by vmid, a configuration before a run state.
[[nodiscard]] inline auto make_plan(const normal_desired& desired, const actual_state& actual,
                                    const plan_policy& policy) -> tl::expected<plan, invalid_observed>
{
    return planner::make(desired, actual, policy);
}

} // namespace felhom::reconcile
