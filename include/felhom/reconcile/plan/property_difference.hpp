// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/lxc/completion.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/lxc/property_form.hpp>
#include <felhom/proxmox/model/property_string.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace felhom::reconcile {

/// Both sides of a difference.
struct sides {
    std::optional<std::string> from;
    std::optional<std::string> to;

    friend auto operator==(const sides&, const sides&) -> bool = default;
};

namespace detail {

/// The properties of one text that mean something else in the other, as they are written; nothing when there are none.
[[nodiscard]] inline auto own_properties(const proxmox::properties& of, const proxmox::properties& other,
                                         const lxc::property_string& format) -> std::optional<std::string>
{
    const auto meaning = [&](const lxc::property_rule& rule, const proxmox::properties& parts) {
        auto normal = std::string{rule.default_value};
        for (const auto& part : parts) {
            if (format.rule_of(part.key) == &rule) {
                normal.clear();
                rule.normalize(part.value, lxc::node_facts{}, normal);
            }
        }
        return normal;
    };
    auto text = std::optional<std::string>{};
    for (const auto& part : of) {
        const auto* const rule = format.rule_of(part.key);
        if (rule != nullptr && meaning(*rule, of) == meaning(*rule, other)) {
            continue;
        }
        text = text ? *text + "," : std::string{};
        text->append(part.key).append(part.key.empty() ? "" : "=").append(part.value);
    }
    return text;
}

} // namespace detail

/// What of two property strings differs, without what both have; other texts as they are.
[[nodiscard]] inline auto differing_properties(const sides& whole, const lxc::property_string* format) -> sides
{
    const auto from = whole.from && format != nullptr ? proxmox::split_properties(*whole.from) : std::nullopt;
    const auto to = whole.to && format != nullptr ? proxmox::split_properties(*whole.to) : std::nullopt;
    if (!from || !to) {
        return whole;
    }
    return {.from = detail::own_properties(*from, *to, *format), .to = detail::own_properties(*to, *from, *format)};
}

} // namespace felhom::reconcile
