// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/shown_state.hpp>
#include <felhom/proxmox/model/power_state.hpp>

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <variant>

// What a read must show once an operation has taken effect: success means that the state is so, whatever was answered.
namespace felhom::operate {

using postcondition = std::variant<config_holds, guest_is, guest_gone, guest_made, snapshot_made, snapshot_gone,
                                   rolled_back_to, backup_gone, volume_is_at_least>;

template <typename Operation>
concept shows_itself = requires(const Operation& op) { op.shown(); };

/// What a read must show once the operation has taken effect: of each that is known here.
inline constexpr auto shown_by = []<shows_itself Operation>(const Operation& op) -> postcondition {
    return op.shown();
};

[[nodiscard]] inline auto postcondition_of(const signed_operation& what) -> postcondition
{
    return told<postcondition>(what, shown_by);
}

/// Nothing for an operation of which no read tells, since it is not known here.
[[nodiscard]] inline auto postcondition_of(const operation& what) -> std::optional<postcondition>
{
    using found = std::optional<postcondition>;
    return told<found>(what, overloaded{shown_by, [](const unread_operation&) { return found{}; }});
}

/// Whether seeing the state so settles the matter, whatever became of the task.
[[nodiscard]] inline auto is_conclusive(const postcondition& wanted) -> bool
{
    return told<bool>(wanted, [](const auto& one) { return std::remove_cvref_t<decltype(one)>::is_conclusive; });
}

/// The types of the tasks that bring it about: of the calls' own, and of HA, which takes the guests that it manages
/// over.
[[nodiscard]] inline auto task_types_of(const postcondition& wanted) -> std::span<const std::string_view>
{
    using types = std::span<const std::string_view>;
    static constexpr auto starts = std::array<std::string_view, 2>{"vzstart", "hastart"};
    static constexpr auto stops = std::array<std::string_view, 3>{"vzstop", "vzshutdown", "hastop"};
    return told<types>(wanted, overloaded{[]<typename W>(const W&) { return types{W::task_types}; },
                                          [](const guest_is& w) {
                                              return w.power == proxmox::power_state::running ? types{starts}
                                                                                              : types{stops};
                                          }});
}

} // namespace felhom::operate
