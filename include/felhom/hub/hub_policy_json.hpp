#pragma once

#include <felhom/core/json_cursor.hpp>
#include <felhom/core/json_error.hpp>
#include <felhom/core/nearest.hpp>
#include <felhom/core/strict_json.hpp>
#include <felhom/hub/document.hpp>
#include <felhom/hub/hub_policy.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::hub {

namespace detail {

template <typename T>
using policy_result = tl::expected<T, json_type_error>;

inline constexpr auto policy_members =
    std::array<std::string_view, 5>{"guests", "may_start", "may_stop", "restarts_a_day", "keys"};
inline constexpr auto bound_members = std::array<std::string_view, 2>{"least", "greatest"};

/// No member but these: one that is mistyped would leave its rule as it is.
template <std::size_t Size>
[[nodiscard]] auto only_members(const json_cursor& at, const std::array<std::string_view, Size>& known)
    -> policy_result<std::vector<std::pair<std::string_view, json_cursor>>>
{
    auto members = at.members();
    if (!members) {
        return members;
    }
    for (const auto& [name, member] : *members) {
        if (std::ranges::find(known, name) == known.end()) {
            const auto near = nearest(name, known);
            return tl::unexpected(member.fail(near.empty() ? std::string{"no such member"}
                                                           : "no such member, or \"" + std::string{near} + '"'));
        }
    }
    return members;
}

[[nodiscard]] inline auto read_vmids(const json_cursor& at) -> policy_result<std::vector<vmid>>
{
    const auto elements = at.elements();
    if (!elements) {
        return tl::unexpected(elements.error());
    }
    auto ids = std::vector<vmid>{};
    for (const auto& element : *elements) {
        const auto number = element.integer(vmid::least, vmid::greatest);
        if (!number) {
            return tl::unexpected(number.error());
        }
        ids.push_back(*vmid::from_number(*number));
    }
    std::ranges::sort(ids);
    if (std::ranges::adjacent_find(ids) != ids.end()) {
        return tl::unexpected(at.fail("every guest once"));
    }
    return ids;
}

[[nodiscard]] inline auto read_bound(const json_cursor& at) -> policy_result<double>
{
    auto ec = boost::system::error_code{};
    const auto number = at.value().to_number<double>(ec);
    if (ec || !at.value().is_number() || !std::isfinite(number)) {
        return tl::unexpected(at.fail("a number"));
    }
    return number;
}

/// The rows whose values are numbers, and booleans, which are 0 and 1.
[[nodiscard]] inline auto is_numeric(const lxc::value_kind& kind) -> bool
{
    return std::holds_alternative<lxc::boolean>(kind) || std::holds_alternative<lxc::integer>(kind)
           || std::holds_alternative<lxc::number>(kind);
}

/// true, or an object with bounds.
[[nodiscard]] inline auto read_allowance(const json_cursor& at, const lxc::config_key& rule) -> policy_result<allowance>
{
    if (const auto* const flag = at.value().if_bool(); flag != nullptr && *flag) {
        return any_value{};
    }
    if (!at.value().is_object() || !is_numeric(rule.admits)) {
        return tl::unexpected(
            at.fail(is_numeric(rule.admits) ? R"(true, or an object with "least" and "greatest")" : "true"));
    }
    const auto members = only_members(at, bound_members);
    if (!members) {
        return tl::unexpected(members.error());
    }
    const auto least = at.require("least").and_then(read_bound);
    if (!least) {
        return tl::unexpected(least.error());
    }
    const auto greatest = at.require("greatest").and_then(read_bound);
    if (!greatest) {
        return tl::unexpected(greatest.error());
    }
    if (*least > *greatest) {
        return tl::unexpected(at.fail("bounds with something between them"));
    }
    return within{.least = *least, .greatest = *greatest};
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

[[nodiscard]] inline auto read_keys(const json_cursor& at, const lxc::key_table& table)
    -> policy_result<std::vector<allowed_key>>
{
    const auto members = at.members();
    if (!members) {
        return tl::unexpected(members.error());
    }
    auto keys = std::vector<allowed_key>{};
    for (const auto& [name, member] : *members) {
        const auto* const rule = rule_named(name, table);
        if (rule == nullptr) {
            return tl::unexpected(member.fail("a key of a container's configuration"));
        }
        if (!is_grantable(rule->managed)) {
            return tl::unexpected(member.fail("a key that can be set without a signature"));
        }
        const auto standard = hub_policy{}.keys;
        const auto is_default = std::ranges::find(standard, name, &allowed_key::key) != standard.end();
        if (const auto* const flag = member.value().if_bool(); is_default && flag != nullptr && !*flag) {
            continue;
        }
        const auto values = read_allowance(member, *rule);
        if (!values) {
            return tl::unexpected(values.error());
        }
        keys.push_back({.key = std::string{name}, .values = *values});
    }
    for (const auto& standard : hub_policy{}.keys) {
        const auto is_key = [&](const auto& named) { return named.first == standard.key; };
        if (std::ranges::none_of(*members, is_key)) {
            keys.push_back(standard);
        }
    }
    std::ranges::sort(keys, {}, &allowed_key::key);
    return keys;
}

} // namespace detail

/// Reads what stands under `policy.hub` in the configuration. What is not mentioned is as by default; `keys`, once it
/// is there, adds to the default keys, and takes those of them away whose value is false.
[[nodiscard]] inline auto read_hub_policy(const json_cursor& at, const lxc::key_table& table)
    -> tl::expected<hub_policy, json_type_error>
{
    const auto members = detail::only_members(at, detail::policy_members);
    if (!members) {
        return tl::unexpected(members.error());
    }
    auto policy = hub_policy{};
    for (const auto& [name, member] : *members) {
        if (name == "guests") {
            auto ids = detail::read_vmids(member);
            if (!ids) {
                return tl::unexpected(std::move(ids).error());
            }
            policy.guests = *std::move(ids);
        } else if (name == "restarts_a_day") {
            const auto number = member.integer<std::uint32_t>(0, 1000);
            if (!number) {
                return tl::unexpected(number.error());
            }
            policy.restarts_a_day = *number;
        } else if (name == "keys") {
            auto keys = detail::read_keys(member, table);
            if (!keys) {
                return tl::unexpected(std::move(keys).error());
            }
            policy.keys = *std::move(keys);
        } else {
            const auto flag = member.boolean();
            if (!flag) {
                return tl::unexpected(flag.error());
            }
            (name == "may_start" ? policy.may_start : policy.may_stop) = *flag;
        }
    }
    return policy;
}

/// The same from its text, as an environment variable has it.
[[nodiscard]] inline auto parse_hub_policy(std::string_view text, const lxc::key_table& table)
    -> tl::expected<hub_policy, json_error>
{
    return detail::read_document(text, {}, [&](const json_cursor& root) { return read_hub_policy(root, table); });
}

} // namespace felhom::hub
