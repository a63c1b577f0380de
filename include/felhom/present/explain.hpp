// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/present/plan_json.hpp>
#include <felhom/present/text_style.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/desired/completed_value.hpp>
#include <felhom/reconcile/desired/normal_desired.hpp>
#include <felhom/reconcile/plan/change_reason.hpp>
#include <felhom/reconcile/plan/plan.hpp>
#include <felhom/reconcile/plan/skip_reason.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// Why a plan says what it says of one guest, field by field.
namespace felhom::present {

using reconcile::actual_config;
using reconcile::actual_guest;
using reconcile::actual_state;
using reconcile::normal_desired;
using reconcile::normal_entry;
using reconcile::normal_guest;
using reconcile::run_state;

/// One field: what is wanted, what there is, what both mean, and what follows.
struct explained_field {
    std::string key;
    std::optional<std::string> desired;  ///< nothing: it must be unset
    std::optional<std::string> in_force; ///< now
    std::optional<std::string> stored;   ///< after the next restart
    std::string means;                   ///< the desired value in normal form, completed from what is there
    std::string stored_means;            ///< the stored one
    std::string rule;                    ///< what the key table says of the key
    std::string decision;                ///< "in sync", "set", "unset", or the code of the reason why not
    std::string why;

    friend auto operator==(const explained_field&, const explained_field&) -> bool = default;
};

struct explanation {
    vmid id;
    std::string name;
    std::vector<explained_field> fields;
    std::vector<std::string> unmanaged; ///< keys that are there and not desired
    std::vector<std::string> remarks;   ///< of the guest as a whole

    friend auto operator==(const explanation&, const explanation&) -> bool = default;
};

namespace detail {

inline constexpr auto management_words =
    enum_table{std::array{enum_word{lxc::management::planned, "planned"},
                          enum_word{lxc::management::set_only, "may be raised; lowering it needs a signature"},
                          enum_word{lxc::management::nesting_only, "only nesting, and only of an unprivileged guest"},
                          enum_word{lxc::management::root_only, "only root@pam can"},
                          enum_word{lxc::management::immutable, "fixed at creation"},
                          enum_word{lxc::management::storage,
                                    "a volume: it may grow where reconcile.allow_grow is set; else needs a signature"},
                          enum_word{lxc::management::pve, "Proxmox VE's own"}}};

[[nodiscard]] inline auto value_text(const std::optional<std::string>& value) -> std::string
{
    return value ? printable(*value) : std::string{"(not set)"};
}

[[nodiscard]] constexpr auto text_of(lxc::management managed) -> std::string_view
{
    return management_words.text_of(managed);
}

[[nodiscard]] inline auto rule_text(const lxc::config_key& rule, const lxc::node_facts& facts) -> std::string
{
    auto text = std::string{text_of(rule.managed)};
    text += rule.effect == lxc::applies::live ? ", applies live" : ", applies at the next start";
    if (!rule.privilege.empty()) {
        text += ", needs " + std::string{rule.privilege};
    }
    if (const auto absence = default_of(rule, facts); !absence.empty()) {
        text += ", absent means " + std::string{absence};
    }
    return text;
}

/// What the plan does about one key of a guest.
[[nodiscard]] inline auto decision_on(const plan& planned, vmid id, std::string_view key, explained_field field)
    -> explained_field
{
    for (const auto& step : planned.actions()) {
        const auto* const grown = std::get_if<grow_volume>(&step);
        if (grown != nullptr && grown->id == id && grown->disk.text() == key) {
            field.decision = "grow";
            field.why = std::string{reason_of(step)};
            return field;
        }
        const auto* const update = std::get_if<update_config>(&step);
        if (update == nullptr || update->id != id) {
            continue;
        }
        const auto change = std::ranges::find(update->changes, key, &config_change::key);
        if (change != update->changes.end()) {
            field.decision = change->to ? "set" : "unset";
            field.why = "they mean different things; " + std::string{lxc::text_of(change->weight)};
            return field;
        }
    }
    const auto skip =
        std::ranges::find_if(planned.skips(), [&](const skipped& s) { return s.id == id && s.key == key; });
    if (skip != planned.skips().end()) {
        field.decision = code_of(skip->why);
        field.why = describe(skip->why);
        return field;
    }
    field.decision = "in sync";
    field.why = field.desired == field.stored ? "they are the same text" : "they mean the same";
    return field;
}

[[nodiscard]] inline auto explain_run_state(run_state wanted, const actual_guest& found, const plan& planned)
    -> explained_field
{
    const auto word = [](run_state run) { return std::string{reconcile::run_state_words.text_of(run)}; };
    auto field = explained_field{.key = "run_state",
                                 .desired = word(wanted),
                                 .in_force = word(found.run),
                                 .stored = word(found.run),
                                 .means = word(wanted),
                                 .stored_means = word(found.run),
                                 .rule = "planned, applies live, needs VM.PowerMgmt",
                                 .decision = {},
                                 .why = {}};
    for (const auto& step : planned.actions()) {
        const auto is_power = std::holds_alternative<start_guest>(step) || std::holds_alternative<shutdown_guest>(step);
        if (guest_of(step) == found.id && is_power) {
            field.decision = wanted == run_state::running ? "start" : "shut down";
            field.why = "the guest is " + word(found.run);
            return field;
        }
    }
    return decision_on(planned, found.id, "run_state", std::move(field));
}

[[nodiscard]] inline auto explain_entry(const normal_entry& entry, const actual_config& config, const plan& planned,
                                        vmid id, const lxc::node_facts& facts) -> explained_field
{
    const auto* const present = entry_of(config, entry.key());
    const auto* const stored = present == nullptr ? nullptr : reconcile::stored_value(*present);
    auto field = explained_field{
        .key = entry.key(),
        .desired = entry.value(),
        .in_force = present == nullptr ? std::nullopt : present->value,
        .stored = stored == nullptr ? std::nullopt : std::optional{*stored},
        .means = reconcile::normal_form_of(*entry.rule, completed_value(entry, present), facts),
        .stored_means =
            reconcile::normal_form_of(*entry.rule, stored == nullptr ? std::nullopt : std::optional{*stored}, facts),
        .rule = rule_text(*entry.rule, facts),
        .decision = {},
        .why = {},
    };
    return decision_on(planned, id, entry.key(), std::move(field));
}

} // namespace detail

/// Explains what a plan says of a guest. Nothing when the guest is not desired.
[[nodiscard]] inline auto explain(const normal_desired& desired, const actual_state& actual, const plan& planned,
                                  vmid id) -> std::optional<explanation>
{
    const auto is_desired = std::ranges::find(desired.guests(), id, &normal_guest::id);
    if (is_desired == desired.guests().end()) {
        return std::nullopt;
    }
    const auto& guest = *is_desired;
    auto made = explanation{.id = id, .name = {}, .fields = {}, .unmanaged = {}, .remarks = {}};
    for (const auto& skip : planned.skips()) {
        if (skip.id == id && skip.key.empty()) {
            made.remarks.push_back(describe(skip.why));
        }
    }
    const auto is_there = std::ranges::find(actual.guests, id, &actual_guest::id);
    if (is_there == actual.guests.end()) {
        return made;
    }
    const auto& found = *is_there;
    if (!guest.run && guest.entries.empty() && !guest.absent) {
        made.remarks.emplace_back("nothing is desired of this guest; `felhom-agent import " + id.text()
                                  + "` prints what could be");
    }
    made.name = found.name;
    if (found.lock) {
        made.remarks.push_back("locked: " + *found.lock);
    }
    if (const auto* const config = std::get_if<actual_config>(&found.config)) {
        for (const auto& entry : guest.entries) {
            made.fields.push_back(detail::explain_entry(entry, *config, planned, id, desired.facts()));
        }
        for (const auto& entry : config->entries) {
            if (std::ranges::find(guest.entries, entry.key, &normal_entry::key) == guest.entries.end()) {
                made.unmanaged.push_back(entry.key);
            }
        }
    }
    if (guest.run) {
        made.fields.push_back(detail::explain_run_state(*guest.run, found, planned));
    }
    return made;
}

inline constexpr auto explain_schema = std::string_view{"felhom-explain/1"};

[[nodiscard]] inline auto to_json(const explanation& made) -> boost::json::object
{
    auto fields = boost::json::array{};
    for (const auto& field : made.fields) {
        fields.push_back({{"key", field.key},
                          {"desired", detail::json_of(field.desired)},
                          {"in_force", detail::json_of(field.in_force)},
                          {"stored", detail::json_of(field.stored)},
                          {"desired_means", field.means},
                          {"stored_means", field.stored_means},
                          {"rule", field.rule},
                          {"decision", field.decision},
                          {"why", field.why}});
    }
    const auto texts = [](const std::vector<std::string>& all) {
        auto array = boost::json::array{};
        for (const auto& text : all) {
            array.emplace_back(text);
        }
        return array;
    };
    return {{"schema", explain_schema},    {"vmid", made.id.number()},           {"name", made.name},
            {"fields", std::move(fields)}, {"unmanaged", texts(made.unmanaged)}, {"remarks", texts(made.remarks)}};
}

[[nodiscard]] inline auto to_text(const explanation& made, const text_style& style) -> std::string
{
    auto text = std::string{style.strong} + "guest " + made.id.text() + std::string{style.plain}
                + (made.name.empty() ? "" : "  " + printable(made.name)) + "\n";
    for (const auto& remark : made.remarks) {
        text += "  " + std::string{style.warned} + remark + std::string{style.plain} + "\n";
    }
    const auto line = [&](std::string_view name, const std::string& value) {
        text += "    " + padded(std::string{name}, 9) + " " + value + "\n";
    };
    for (const auto& field : made.fields) {
        text += "  " + std::string{style.strong} + field.key + std::string{style.plain} + ": " + field.decision + "\n";
        line("why", field.why);
        line("desired", detail::value_text(field.desired));
        line("stored", detail::value_text(field.stored));
        if (field.in_force != field.stored) {
            line("in force", detail::value_text(field.in_force));
        }
        if (field.means != field.stored_means || field.desired != field.stored) {
            line("means", printable(field.means) + " / " + printable(field.stored_means));
        }
        line("rule", field.rule);
    }
    if (!made.unmanaged.empty()) {
        auto keys = std::string{};
        for (const auto& key : made.unmanaged) {
            keys += (keys.empty() ? "" : ", ") + key;
        }
        text += "  not managed: " + keys + "\n";
    }
    return text;
}

} // namespace felhom::present
