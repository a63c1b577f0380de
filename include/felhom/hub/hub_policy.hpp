// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/hub/desired_status.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// What a desired state from the hub may do on this host without a signature. The rules are local: a stolen hub can ask
// for no more.
namespace felhom::hub {

/// Any value, and that the key be unset.
struct any_value {
    friend auto operator==(const any_value&, const any_value&) -> bool = default;
};

/// A number within bounds. The key cannot be unset: what its absence means is for Proxmox VE to say, and may exceed
/// them.
struct within {
    double least;
    double greatest;

    friend auto operator==(const within&, const within&) -> bool = default;
};

using allowance = std::variant<any_value, within>;

/// A configuration key that the hub may set: "memory"; "net" for net0 to net31.
struct allowed_key {
    std::string key;
    allowance values;

    friend auto operator==(const allowed_key&, const allowed_key&) -> bool = default;
};

struct hub_policy {
    /// The guests that the hub may manage, sorted; nothing: every guest.
    std::optional<std::vector<vmid>> guests = std::nullopt;
    bool may_start = true;
    bool may_stop = true;
    std::uint32_t restarts_a_day = 6; ///< how often the hub may have one guest started or stopped
    /// No key of which a guest's connection or its coming back after a power cut depends on, and no more of its spec
    /// than has bounds given here.
    std::vector<allowed_key> keys = {{.key = "description", .values = any_value{}},
                                     {.key = "tags", .values = any_value{}}};

    friend auto operator==(const hub_policy&, const hub_policy&) -> bool = default;
};

/// Why something is not done for the hub, each with its evidence.
struct guest_not_allowed {
    static constexpr auto code = std::string_view{"guest_not_allowed"};
    static constexpr auto description = std::string_view{"the hub may not manage this guest (policy.hub.guests)"};
    friend auto operator==(const guest_not_allowed&, const guest_not_allowed&) -> bool = default;
};
struct key_not_allowed {
    static constexpr auto code = std::string_view{"key_not_allowed"};
    static constexpr auto description = std::string_view{"the hub may not set this key (policy.hub.keys)"};
    friend auto operator==(const key_not_allowed&, const key_not_allowed&) -> bool = default;
};
struct outside_bounds {
    within bounds;

    static constexpr auto code = std::string_view{"outside_bounds"};
    [[nodiscard]] auto describe() const -> std::string
    {
        auto text = std::string{"the hub may set it from "};
        append_plain_decimal(bounds.least, text);
        text += " to ";
        append_plain_decimal(bounds.greatest, text);
        return text + " (policy.hub.keys)";
    }
    friend auto operator==(const outside_bounds&, const outside_bounds&) -> bool = default;
};
struct unset_not_allowed {
    static constexpr auto code = std::string_view{"unset_not_allowed"};
    static constexpr auto description = std::string_view{"the hub may set this key within bounds, and not unset it"};
    friend auto operator==(const unset_not_allowed&, const unset_not_allowed&) -> bool = default;
};
struct may_not_start {
    static constexpr auto code = std::string_view{"may_not_start"};
    static constexpr auto description = std::string_view{"the hub may not start guests (policy.hub.may_start)"};
    friend auto operator==(const may_not_start&, const may_not_start&) -> bool = default;
};
struct may_not_stop {
    static constexpr auto code = std::string_view{"may_not_stop"};
    static constexpr auto description = std::string_view{"the hub may not stop guests (policy.hub.may_stop)"};
    friend auto operator==(const may_not_stop&, const may_not_stop&) -> bool = default;
};
struct restarts_spent {
    std::uint32_t a_day;

    static constexpr auto code = std::string_view{"restarts_spent"};
    [[nodiscard]] auto describe() const -> std::string
    {
        return "started or stopped for the hub " + std::to_string(a_day)
               + " times within a day (policy.hub.restarts_a_day)";
    }
    friend auto operator==(const restarts_spent&, const restarts_spent&) -> bool = default;
};

/// So much is refused that the rest is only counted.
struct more_refused {
    std::size_t count;

    static constexpr auto code = std::string_view{"more_refused"};
    [[nodiscard]] auto describe() const -> std::string
    {
        return "from here on " + std::to_string(count) + " more are refused, and not told one by one";
    }
    friend auto operator==(const more_refused&, const more_refused&) -> bool = default;
};

using policy_reason = std::variant<guest_not_allowed, key_not_allowed, outside_bounds, unset_not_allowed, may_not_start,
                                   may_not_stop, restarts_spent, more_refused>;

/// So many are told one by one: whatever a hub wants, the report and the status stay readable.
inline constexpr auto most_told_refusals = std::size_t{1000};

/// Something that the hub wants and this host does not do. An empty key: the guest as a whole; "run_state": its run
/// state.
struct policy_refusal {
    vmid id;
    std::string key;
    std::optional<std::string> wanted;
    policy_reason why;

    friend auto operator==(const policy_refusal&, const policy_refusal&) -> bool = default;
};

/// Whether a guest may be what this was refused to. What is only counted may be any guest's from there on.
[[nodiscard]] inline auto may_be_of(const policy_refusal& refusal, vmid guest) -> bool
{
    return refusal.id == guest || (std::holds_alternative<more_refused>(refusal.why) && refusal.id < guest);
}

/// What of a desired state is left to be reconciled, and what was taken out of it, guest by guest: the first
/// most_told_refusals, and how many more.
struct permitted_desired {
    reconcile::desired_state state;
    std::vector<policy_refusal> refused;

    friend auto operator==(const permitted_desired&, const permitted_desired&) -> bool = default;
};

/// How often each guest was started or stopped for the hub within the last day.
using restart_counts = std::map<vmid, std::uint32_t>;

/// The stable name of a reason, for programs.
[[nodiscard]] inline auto code_of(const policy_reason& why) -> std::string_view
{
    return felhom::code_of(why);
}

/// The reason in words, with what would lift it.
[[nodiscard]] inline auto describe(const policy_reason& why) -> std::string
{
    return description_of(why);
}

namespace detail {

/// The allowance for a key, by its own name or by that of its table row: "net" stands for net0.
[[nodiscard]] inline auto allowance_for(std::string_view key, const hub_policy& policy, const lxc::key_table& table)
    -> const allowance*
{
    const auto* const rule = table.find(key);
    if (rule == nullptr) {
        return nullptr;
    }
    for (const auto name : {key, rule->key}) {
        const auto found = std::ranges::find(policy.keys, name, &allowed_key::key);
        if (found != policy.keys.end()) {
            return &found->values;
        }
    }
    return nullptr;
}

[[nodiscard]] inline auto objection_to(const std::optional<std::string>& value, const allowance* allowed)
    -> std::optional<policy_reason>
{
    using objection = std::optional<policy_reason>;
    if (allowed == nullptr) {
        return key_not_allowed{};
    }
    return std::visit(overloaded{
                          [](const any_value&) -> objection { return std::nullopt; },
                          [&](const within& bounds) -> objection {
                              if (!value) {
                                  return unset_not_allowed{};
                              }
                              const auto number = parse_decimal<double>(*value);
                              const auto fits = number && *number >= bounds.least && *number <= bounds.greatest;
                              return fits ? objection{} : objection{outside_bounds{bounds}};
                          },
                      },
                      *allowed);
}

[[nodiscard]] inline auto objection_to(reconcile::run_state wanted, vmid id, const hub_policy& policy,
                                       const restart_counts& restarts) -> std::optional<policy_reason>
{
    using objection = std::optional<policy_reason>;
    if (wanted == reconcile::run_state::running && !policy.may_start) {
        return may_not_start{};
    }
    if (wanted == reconcile::run_state::stopped && !policy.may_stop) {
        return may_not_stop{};
    }
    const auto found = restarts.find(id);
    const auto spent = found == restarts.end() ? 0U : found->second;
    return spent < policy.restarts_a_day ? objection{} : objection{restarts_spent{policy.restarts_a_day}};
}

/// Collects what is refused, and only counts what is beyond the most that is told.
class refusals {
public:
    void note(vmid id, std::string_view key, const std::optional<std::string>& wanted, const policy_reason& why)
    {
        if (told_.size() < most_told_refusals) {
            told_.push_back({.id = id, .key = std::string{key}, .wanted = wanted, .why = why});
            return;
        }
        if (told_.size() == most_told_refusals) {
            told_.push_back({.id = id, .key = {}, .wanted = std::nullopt, .why = more_refused{0}});
        }
        told_.back().why = more_refused{++beyond_};
    }
    [[nodiscard]] auto told() && -> std::vector<policy_refusal> { return std::move(told_); }

private:
    std::vector<policy_refusal> told_;
    std::size_t beyond_ = 0;
};

} // namespace detail

/// What this host does of what the hub desires. Each entry either stays as it is or is refused with its reason: nothing
/// outside the policy is left, and nothing within it is lost.
[[nodiscard]] inline auto permit(reconcile::desired_state desired, const hub_policy& policy,
                                 const restart_counts& restarts, const lxc::key_table& table) -> permitted_desired
{
    auto refused = detail::refusals{};
    std::erase_if(desired.guests, [&](const reconcile::desired_guest& guest) {
        const auto is_foreign = policy.guests && !std::ranges::binary_search(*policy.guests, guest.id);
        if (is_foreign) {
            refused.note(guest.id, {}, std::nullopt, guest_not_allowed{});
        }
        return is_foreign;
    });
    // That a guest is to be gone is only shown: it takes an operator's signature, whoever desires it.
    for (auto& guest : desired.guests) {
        std::erase_if(guest.entries, [&](const reconcile::desired_entry& entry) {
            const auto objection = detail::objection_to(entry.value, detail::allowance_for(entry.key, policy, table));
            if (objection) {
                refused.note(guest.id, entry.key, entry.value, *objection);
            }
            return objection.has_value();
        });
        guest.entries.shrink_to_fit();
        const auto objection = guest.run ? detail::objection_to(*guest.run, guest.id, policy, restarts) : std::nullopt;
        if (objection) {
            const auto wanted = std::string{reconcile::run_state_words.text_of(*guest.run)};
            refused.note(guest.id, "run_state", wanted, *objection);
            guest.run = std::nullopt;
        }
    }
    return {.state = std::move(desired), .refused = std::move(refused).told()};
}

/// A refusal as it stands in the report.
[[nodiscard]] inline auto reported(const policy_refusal& refusal) -> reported_refusal
{
    return {.guest = refusal.id,
            .key = refusal.key.empty() ? std::nullopt : std::optional{refusal.key},
            .code = std::string{code_of(refusal.why)},
            .detail = describe(refusal.why)};
}

[[nodiscard]] inline auto reported(const std::vector<policy_refusal>& refused) -> std::vector<reported_refusal>
{
    auto all = std::vector<reported_refusal>{};
    for (const auto& refusal : refused) {
        all.push_back(reported(refusal));
    }
    return all;
}

} // namespace felhom::hub
