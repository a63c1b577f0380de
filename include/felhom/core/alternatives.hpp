// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/exit_code.hpp>

#include <array>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

// What is known of each alternative of a variant stands in the alternative itself, and is read here: one that lacks a
// fact does not compile. Several times cheaper to compile than std::visit, whose table libstdc++ builds anew each time.
namespace felhom {

/// What `tell` says of the alternative that is held. An `overloaded` may have an arm of its own where the evidence
/// tells, and [](const auto& one) { return std::remove_cvref_t<decltype(one)>::fact; } for the rest.
template <typename Answer, typename Tell, typename... R>
[[nodiscard]] constexpr auto told(const std::variant<R...>& why, const Tell& tell) -> Answer
{
    auto answer = Answer{};
    ((std::holds_alternative<R>(why) ? void(answer = tell(*std::get_if<R>(&why))) : void()), ...);
    return answer;
}

/// The stable name, for programs: `code` of each alternative.
template <typename... R>
    requires requires { (R::code, ...); }
[[nodiscard]] constexpr auto code_of(const std::variant<R...>& why) -> std::string_view
{
    return std::array<std::string_view, sizeof...(R)>{R::code...}.at(why.index());
}

/// The exit status of a command that ends so: `exit_status` of each alternative.
template <typename... R>
    requires requires { (R::exit_status, ...); }
[[nodiscard]] constexpr auto exit_code_of(const std::variant<R...>& why) -> exit_code
{
    return std::array<exit_code, sizeof...(R)>{R::exit_status...}.at(why.index());
}

/// The words for people: `description` of each alternative, or its describe() where they tell the evidence.
template <typename... R>
[[nodiscard]] auto description_of(const std::variant<R...>& why) -> std::string
{
    return told<std::string>(why, []<typename One>(const One& one) -> std::string {
        if constexpr (requires { one.describe(); }) {
            return one.describe();
        } else {
            return std::string{One::description};
        }
    });
}

} // namespace felhom
