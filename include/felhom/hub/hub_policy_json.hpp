// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/json/document.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/json/vmids.hpp>
#include <felhom/hub/hub_policy.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::hub {

namespace detail {

template <typename T>
using policy_result = tl::expected<T, json_error>;

inline constexpr auto policy_members =
    std::array<std::string_view, 5>{"guests", "may_start", "may_stop", "restarts_a_day", "keys"};
inline constexpr auto bound_members = std::array<std::string_view, 2>{"least", "greatest"};

/// Reads the guests that a policy names, each once.
[[nodiscard]] inline auto read_policy_guests(const json_node& at) -> tl::expected<std::vector<vmid>, json_type_error>
{
    auto ids = read_vmids(at);
    if (ids && std::ranges::adjacent_find(*ids) != ids->end()) {
        return tl::unexpected(at.fail("every guest once"));
    }
    return ids;
}

/// The rows whose values are numbers, and booleans, which are 0 and 1.
[[nodiscard]] inline auto is_numeric(const lxc::value_kind& kind) -> bool
{
    return std::holds_alternative<lxc::boolean>(kind) || std::holds_alternative<lxc::integer>(kind)
           || std::holds_alternative<lxc::number>(kind);
}

/// true, or an object with bounds.
[[nodiscard]] inline auto read_allowance(const json_node& at, const lxc::config_key& rule) -> policy_result<allowance>
{
    if (exact_json::flag(at.value()).value_or(false)) {
        return any_value{};
    }
    if (at.if_object() == nullptr || !is_numeric(rule.admits)) {
        return tl::unexpected<json_error>(
            at.fail(is_numeric(rule.admits) ? R"(true, or an object with "least" and "greatest")" : "true"));
    }
    auto in = object_reader{at};
    in.only(bound_members);
    const auto bounds = within{.least = in.required("least", &json_node::figure).value_or(0),
                               .greatest = in.required("greatest", &json_node::figure).value_or(0)};
    if (bounds.least > bounds.greatest) {
        in.fail(at.fail("bounds with something between them"));
    }
    return std::move(in).finish(allowance{bounds});
}

/// Whether a desired state can bring a difference in such a key about at all. For the others no policy helps: they
/// need a signature, or root, or nobody can.
[[nodiscard]] constexpr auto is_grantable(lxc::management managed) -> bool
{
    switch (managed) {
    case lxc::management::planned:
    case lxc::management::set_only:
    case lxc::management::nesting_only:
        return true;
    case lxc::management::root_only:
    case lxc::management::immutable:
    case lxc::management::storage:
    case lxc::management::pve:
        return false;
    }
    return false;
}

/// The rule for a name that stands in the policy: a key's, or that of all keys of a row.
[[nodiscard]] inline auto rule_named(std::string_view name, const lxc::key_table& table) -> const lxc::config_key*
{
    const auto rules = table.rules();
    const auto row = std::ranges::find(rules, name, [](const lxc::config_key* rule) { return rule->key; });
    return row != rules.end() ? *row : table.find(name);
}

[[nodiscard]] inline auto read_keys(const json_node& at, const lxc::key_table& table)
    -> policy_result<std::vector<allowed_key>>
{
    const auto* const members = at.if_object();
    if (members == nullptr) {
        return tl::unexpected<json_error>(at.fail("an object"));
    }
    const auto standard = hub_policy{}.keys;
    auto keys = std::vector<allowed_key>{};
    for (const auto& [key, value] : *members) {
        const auto name = std::string_view{key};
        const auto member = at.member(name, value);
        const auto* const rule = rule_named(name, table);
        if (rule == nullptr) {
            return tl::unexpected<json_error>(member.fail("a key of a container's configuration"));
        }
        if (!is_grantable(rule->managed)) {
            return tl::unexpected<json_error>(member.fail("a key that can be set without a signature"));
        }
        if (contains(standard, name, &allowed_key::key) && !exact_json::flag(&value).value_or(true)) {
            continue;
        }
        const auto values = read_allowance(member, *rule);
        if (!values) {
            return tl::unexpected(values.error());
        }
        keys.push_back({.key = std::string{name}, .values = *values});
    }
    std::ranges::copy_if(standard, std::back_inserter(keys),
                         [&](const allowed_key& one) { return !members->contains(one.key); });
    std::ranges::sort(keys, {}, &allowed_key::key);
    return keys;
}

} // namespace detail

/// Reads what stands under `policy.hub` in the configuration. What is not mentioned is as by default; `keys`, once it
/// is there, adds to the default keys, and takes those of them away whose value is false.
[[nodiscard]] inline auto read_hub_policy(const json_node& at, const lxc::key_table& table)
    -> tl::expected<hub_policy, json_error>
{
    auto in = object_reader{at};
    in.only(detail::policy_members); // one that is mistyped would leave its rule as it is
    auto policy = hub_policy{};
    policy.guests = in.optional("guests", detail::read_policy_guests);
    policy.may_start = in.flag_or("may_start", policy.may_start);
    policy.may_stop = in.flag_or("may_stop", policy.may_stop);
    policy.restarts_a_day = in.integer_if<std::uint32_t>("restarts_a_day", 0, 1000).value_or(policy.restarts_a_day);
    if (auto keys = in.optional("keys", [&](const json_node& member) { return detail::read_keys(member, table); })) {
        policy.keys = *std::move(keys);
    }
    return std::move(in).finish(std::move(policy));
}

/// The same from its text, as an environment variable has it.
[[nodiscard]] inline auto parse_hub_policy(std::string_view text, const lxc::key_table& table)
    -> tl::expected<hub_policy, json_error>
{
    return read_json(text, {}, [&](const json_node& root) { return read_hub_policy(root, table); });
}

} // namespace felhom::hub
