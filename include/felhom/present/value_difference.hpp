// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/lxc/normal_form.hpp>
#include <felhom/proxmox/model/property_string.hpp>
#include <felhom/reconcile/plan/property_difference.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// How two values of a key differ, in the pieces that a person compares: a property, an element of a set, a line.
namespace felhom::present {

/// One property of a value, or the whole value (without a name), before and after; nothing: it is not there.
struct changed_part {
    std::string name;
    std::optional<std::string> from;
    std::optional<std::string> to;

    friend auto operator==(const changed_part&, const changed_part&) -> bool = default;
};

/// An element or a line that is only there before, or only after.
struct changed_piece {
    bool added;
    std::string text;

    friend auto operator==(const changed_piece&, const changed_piece&) -> bool = default;
};

struct changed_parts {
    std::vector<changed_part> parts;

    friend auto operator==(const changed_parts&, const changed_parts&) -> bool = default;
};
struct changed_set {
    std::vector<changed_piece> elements;

    friend auto operator==(const changed_set&, const changed_set&) -> bool = default;
};
struct changed_text {
    std::vector<changed_piece> lines;

    friend auto operator==(const changed_text&, const changed_text&) -> bool = default;
};
using value_difference = std::variant<changed_parts, changed_set, changed_text>;

namespace detail {

/// The value of one property; nothing where a text does not have it.
[[nodiscard]] inline auto value_of(const proxmox::properties& parts, std::string_view name,
                                   const lxc::property_string& format) -> std::optional<std::string>
{
    for (const auto& part : parts) {
        const auto* const rule = format.rule_of(part.key);
        if ((rule != nullptr ? rule->name : part.key) == name) {
            return std::string{part.value};
        }
    }
    return std::nullopt;
}

/// Property by property; none where one of the texts has no properties.
[[nodiscard]] inline auto changed_properties(const reconcile::sides& whole, const lxc::property_string& format)
    -> std::vector<changed_part>
{
    auto all = std::vector<changed_part>{};
    const auto differing = reconcile::differing_properties(whole, &format);
    const auto before = differing.from.value_or(std::string{}); // what is split below are views into these
    const auto after = differing.to.value_or(std::string{});
    const auto from = lxc::properties_of(before);
    const auto to = lxc::properties_of(after);
    if (!whole.from || !whole.to || !from || !to) {
        return all;
    }
    const auto note_all = [&](const proxmox::properties& parts) {
        for (const auto& part : parts) {
            const auto* const rule = format.rule_of(part.key);
            const auto name = rule != nullptr ? rule->name : part.key;
            if (!contains(all, name, &changed_part::name)) {
                all.push_back({.name = std::string{name},
                               .from = value_of(*from, name, format),
                               .to = value_of(*to, name, format)});
            }
        }
    };
    note_all(*to);
    note_all(*from);
    return all;
}

[[nodiscard]] inline auto changed_elements(const reconcile::sides& whole) -> changed_set
{
    const auto from = lxc::split_list(whole.from ? std::string_view{*whole.from} : std::string_view{});
    const auto to = lxc::split_list(whole.to ? std::string_view{*whole.to} : std::string_view{});
    auto changed = changed_set{};
    for (const auto word : from) {
        if (!contains(to, word)) {
            changed.elements.push_back({.added = false, .text = std::string{word}});
        }
    }
    for (const auto word : to) {
        if (!contains(from, word)) {
            changed.elements.push_back({.added = true, .text = std::string{word}});
        }
    }
    return changed;
}

/// The lines of a text; what stands behind its last end of a line is one only where there is something.
[[nodiscard]] inline auto lines_of_text(std::string_view text) -> std::vector<std::string_view>
{
    auto lines = std::vector<std::string_view>{};
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        line.remove_suffix(!line.empty() && line.back() == '\r' ? 1 : 0);
        lines.push_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// What stands between the first and the last line that differ.
[[nodiscard]] inline auto changed_lines(const reconcile::sides& whole) -> changed_text
{
    const auto from = lines_of_text(whole.from ? std::string_view{*whole.from} : std::string_view{});
    const auto to = lines_of_text(whole.to ? std::string_view{*whole.to} : std::string_view{});
    const auto [first_from, first_to] = std::ranges::mismatch(from, to);
    auto last_from = from.end();
    auto last_to = to.end();
    while (last_from != first_from && last_to != first_to && *std::prev(last_from) == *std::prev(last_to)) {
        --last_from;
        --last_to;
    }
    auto changed = changed_text{};
    for (auto line = first_from; line != last_from; ++line) {
        changed.lines.push_back({.added = false, .text = std::string{*line}});
    }
    for (auto line = first_to; line != last_to; ++line) {
        changed.lines.push_back({.added = true, .text = std::string{*line}});
    }
    return changed;
}

[[nodiscard]] inline auto has_several_lines(const std::optional<std::string>& value) -> bool
{
    return value && lines_of_text(*value).size() > 1;
}

} // namespace detail

/// How a key's values differ. `rule`: of the key; nothing where none is known.
[[nodiscard]] inline auto difference_of(const reconcile::sides& whole, const lxc::config_key* rule) -> value_difference
{
    const auto* const format = rule == nullptr ? nullptr : lxc::format_of(*rule);
    if (format != nullptr) {
        if (auto parts = detail::changed_properties(whole, *format); !parts.empty()) {
            return changed_parts{std::move(parts)};
        }
    }
    if (rule != nullptr && rule->key == "tags") { // the one key whose values are a set
        return detail::changed_elements(whole);
    }
    if (detail::has_several_lines(whole.from) || detail::has_several_lines(whole.to)) {
        return detail::changed_lines(whole);
    }
    return changed_parts{{changed_part{.name = {}, .from = whole.from, .to = whole.to}}};
}

} // namespace felhom::present
