// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/contains.hpp>
#include <felhom/core/decimal.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/utf8.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/lxc/normal_form.hpp>
#include <felhom/proxmox/model/property_string.hpp>

#include <boost/container/static_vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

/// What the value of a configuration key may be, as the schema of `PUT /nodes/{node}/lxc/{vmid}/config` has it.
namespace felhom::lxc {

struct boolean {};
struct integer {
    std::int64_t least;
    std::int64_t greatest;
};
/// A decimal, with or without a fraction.
struct number {
    std::int64_t least;
    std::int64_t greatest;
};
struct one_of {
    std::span<const std::string_view> words;
};
/// Text whose shape a predicate knows.
struct text {
    std::size_t longest; ///< in characters, as PVE counts
    bool (*accepts)(std::string_view);
};

using scalar = std::variant<boolean, integer, number, one_of, text>;

/// The greatest number where the schema names none.
inline constexpr auto unbounded = std::int64_t{1} << 53U;

/// How values are compared whose kind says it all.
template <typename... Kinds>
[[nodiscard]] constexpr auto usual_form_of(const std::variant<Kinds...>& kind) -> normal_form
{
    return std::holds_alternative<boolean>(kind)   ? normalize_boolean
           : std::holds_alternative<integer>(kind) ? normalize_integer
           : std::holds_alternative<number>(kind)  ? normalize_number
                                                   : normalize_verbatim;
}

/// One `name=value` of a property string.
struct property_rule {
    std::string_view name;
    scalar admits;
    normal_form normalize = usual_form_of(admits);
    std::string_view default_value = {};          ///< in normal form; a property that has it equals an absent one
    pve_release since = {.major = 7, .minor = 0}; ///< an older one refuses the whole text, and with it the whole call
    bool required = false;
};

/// `first,name=value,name=value`; the default property may stand without its name.
struct property_string {
    std::span<const property_rule> properties;
    std::string_view default_property = {};

    /// The rule for a property by its name, which is empty where it stands without one.
    [[nodiscard]] constexpr auto rule_of(std::string_view name) const -> const property_rule*
    {
        const auto found = std::ranges::find(properties, name.empty() ? default_property : name, &property_rule::name);
        return found == properties.end() ? nullptr : &*found;
    }
};

using value_kind = std::variant<boolean, integer, number, one_of, text, property_string>;

namespace detail {

[[nodiscard]] inline auto is_integer_from(std::string_view digits, std::int64_t least, std::int64_t greatest) -> bool
{
    const auto value = parse_decimal<std::int64_t>(digits);
    const auto canonical =
        digits == "0" || (!digits.empty() && ascii::is_digit(digits.front()) && digits.front() != '0');
    return canonical && value && *value >= least && *value <= greatest;
}

[[nodiscard]] inline auto is_number_from(std::string_view digits, std::int64_t least, std::int64_t greatest) -> bool
{
    const auto dot = digits.find('.');
    if (dot == std::string_view::npos) {
        return is_integer_from(digits, least, greatest);
    }
    const auto fraction = digits.substr(dot + 1);
    const auto zero = std::ranges::all_of(fraction, [](char c) { return c == '0'; });
    return !fraction.empty() && fraction.size() <= 17 && std::ranges::all_of(fraction, ascii::is_digit)
           && is_integer_from(digits.substr(0, dot), least, zero ? greatest : greatest - 1);
}

} // namespace detail

/// Whether the schema admits a value, in the one spelling that this agent uses of each number. Booleans are 0 and 1;
/// inside property strings the words count too.
[[nodiscard]] inline auto admits(const scalar& allowed, std::string_view value, bool in_property) -> bool
{
    return std::visit(
        overloaded{
            [&](const boolean&) { return value == "0" || value == "1" || (in_property && read_boolean(value)); },
            [&](const integer& range) { return detail::is_integer_from(value, range.least, range.greatest); },
            [&](const number& range) { return detail::is_number_from(value, range.least, range.greatest); },
            [&](const one_of& choice) { return contains(choice.words, value); },
            [&](const text& shape) { return utf8::count(value) <= shape.longest && shape.accepts(value); },
        },
        allowed);
}

/// The same of a property string: every property is one of its own, once, and those that are required are there.
[[nodiscard]] inline auto admits(const property_string& allowed, std::string_view value) -> bool
{
    const auto parts = proxmox::split_properties(value);
    if (!parts) {
        return false;
    }
    auto seen = boost::container::static_vector<const property_rule*, proxmox::most_properties>{};
    for (const auto& part : *parts) {
        const auto* const rule = allowed.rule_of(part.key);
        if (rule == nullptr || contains(seen, rule) || !admits(rule->admits, part.value, /*in_property=*/true)) {
            return false;
        }
        seen.push_back(rule);
    }
    return std::ranges::all_of(allowed.properties,
                               [&](const property_rule& rule) { return !rule.required || contains(seen, &rule); });
}

/// The same of either. Nothing admits the empty text: Proxmox VE stores it as a blank.
[[nodiscard]] inline auto admits(const value_kind& allowed, std::string_view value) -> bool
{
    return !value.empty()
           && std::visit(overloaded{
                             [&](const property_string& properties) { return admits(properties, value); },
                             [&](const auto& kind) { return admits(scalar{kind}, value, /*in_property=*/false); },
                         },
                         allowed);
}

} // namespace felhom::lxc
