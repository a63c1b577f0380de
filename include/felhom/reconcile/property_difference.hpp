#pragma once

#include <felhom/proxmox/property_string.hpp>
#include <felhom/reconcile/completion.hpp>
#include <felhom/reconcile/node_facts.hpp>
#include <felhom/reconcile/property_form.hpp>

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
                                         const property_format& format) -> std::optional<std::string>
{
    const auto meaning = [&](const property_rule& rule, const proxmox::properties& parts) {
        auto normal = std::string{rule.default_value};
        for (const auto& part : parts) {
            if (format.rule_of(part.key) == &rule) {
                normal.clear();
                rule.normalize(part.value, node_facts{}, normal);
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
[[nodiscard]] inline auto differing_properties(const sides& whole, const property_format* format) -> sides
{
    const auto from = whole.from && format != nullptr ? proxmox::split_properties(*whole.from) : std::nullopt;
    const auto to = whole.to && format != nullptr ? proxmox::split_properties(*whole.to) : std::nullopt;
    if (!from || !to) {
        return whole;
    }
    return {.from = detail::own_properties(*from, *to, *format), .to = detail::own_properties(*to, *from, *format)};
}

} // namespace felhom::reconcile
