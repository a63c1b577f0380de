// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/lxc/value_kind.hpp>
#include <felhom/proxmox/model/property_string.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

/// The normal form of property strings: maps whose keys have types and defaults of their own.
namespace felhom::lxc {

/// The properties of a text; none of an empty one, which PVE reads back as one blank.
[[nodiscard]] inline auto properties_of(std::string_view text) -> std::optional<proxmox::properties>
{
    const auto blank = text.find_first_not_of(' ') == std::string_view::npos;
    return blank ? proxmox::properties{} : proxmox::split_properties(text);
}

/// Every property in its normal form, sorted by key, without those that have their default.
inline void normalize_properties(std::string_view text, const property_string& format, const node_facts& facts,
                                 std::string& out)
{
    auto parts = properties_of(text);
    const auto known = [&](const proxmox::property& part) { return format.rule_of(part.key) != nullptr; };
    if (!parts || !std::ranges::all_of(*parts, known)) {
        out += text;
        return;
    }
    for (auto& part : *parts) {
        part.key = format.rule_of(part.key)->name;
    }
    std::ranges::sort(*parts, {}, &proxmox::property::key);
    const auto begin = out.size();
    for (const auto& part : *parts) {
        const auto& rule = *format.rule_of(part.key);
        const auto start = out.size();
        if (start != begin) {
            out += ',';
        }
        out += rule.name;
        out += '=';
        const auto value = out.size();
        rule.normalize(part.value, facts, out);
        if (!rule.default_value.empty() && std::string_view{out}.substr(value) == rule.default_value) {
            out.resize(start);
        }
    }
}

} // namespace felhom::lxc
