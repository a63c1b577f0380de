// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/enum_table.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace felhom::operate {

inline constexpr auto reversibility_words = enum_table{
    std::array{enum_word{reversibility::benign, "benign"}, enum_word{reversibility::reversible, "reversible"},
               enum_word{reversibility::destructive, "destructive"}}};

[[nodiscard]] constexpr auto text_of(reversibility what) -> std::string_view
{
    return reversibility_words.text_of(what);
}

struct judgement {
    reversibility what;
    std::string why;

    friend auto operator==(const judgement&, const judgement&) -> bool = default;
};

namespace detail {

[[nodiscard]] inline auto of_key(std::string_view key, const std::string* value) -> judgement
{
    const auto table = lxc::key_table::standard();
    const auto* const rule = table.find(key);
    const auto named = "'" + std::string{key} + "'";
    if (rule == nullptr) {
        return {.what = reversibility::destructive, .why = named + " is not a known configuration key"};
    }
    switch (rule->managed) {
    case lxc::management::planned:
        break;
    case lxc::management::set_only:
        if (value == nullptr || *value != "1") {
            return {.what = reversibility::destructive, .why = "it drops " + named};
        }
        break;
    case lxc::management::nesting_only:
        return {.what = reversibility::reversible, .why = named + " can be changed back"};
    case lxc::management::storage:
    case lxc::management::pve:
        return {.what = reversibility::destructive, .why = named + " names volumes"};
    case lxc::management::root_only:
    case lxc::management::immutable:
        return {.what = reversibility::destructive, .why = named + " may leave the guest unable to start"};
    }
    switch (rule->weight) {
    case lxc::consequence::live:
    case lxc::consequence::needs_restart:
    case lxc::consequence::growing:
        return {.what = reversibility::benign, .why = named + " can be changed back"};
    case lxc::consequence::connectivity_risk:
        return {.what = reversibility::reversible, .why = named + " may cut the guest off"};
    case lxc::consequence::destructive:
        break;
    }
    return {.what = reversibility::destructive, .why = named + " may lose data"};
}

/// The gravest of its keys.
[[nodiscard]] inline auto cost_of_keys(const guest_set_config& op) -> judgement
{
    auto gravest = judgement{.what = reversibility::benign, .why = "it changes nothing"};
    auto first = true;
    const auto weigh = [&](judgement one) {
        if (first || one.what > gravest.what) {
            gravest = std::move(one);
            first = false;
        }
    };
    for (const auto& [key, value] : op.set) {
        weigh(of_key(key, &value));
    }
    for (const auto& key : op.remove) {
        weigh(of_key(key, nullptr));
    }
    return gravest;
}

} // namespace detail

/// What an operation may cost, and why. What is not known here is destructive.
[[nodiscard]] inline auto cost_of(const operation& what) -> judgement
{
    return told<judgement>(
        what, overloaded{
                  []<typename Operation>(const Operation& /*one*/) {
                      return judgement{.what = Operation::cost.what, .why = std::string{Operation::cost.why}};
                  },
                  [](const guest_restore& op) {
                      return op.force ? judgement{.what = reversibility::destructive,
                                                  .why = "the guest that has the number is replaced"}
                                      : judgement{.what = reversibility::reversible,
                                                  .why = "a guest is made where there is none"};
                  },
                  [](const guest_set_config& op) { return detail::cost_of_keys(op); },
                  [](const unread_operation& op) {
                      return judgement{.what = reversibility::destructive,
                                       .why = "'" + op.name + "' with these parameters is not known here"};
                  },
              });
}

} // namespace felhom::operate
