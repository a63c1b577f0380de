// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/param_json.hpp>
#include <felhom/operate/operation/signed_params.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// The parameters of operations as they stand in the records of the journal.
namespace felhom::operate {

namespace detail {

template <typename Operation, typename Value>
void say(const Operation& what, const param<Operation, Value>& which, bool also_empty, boost::json::object& to)
{
    const auto& value = what.*which.member;
    if (const auto left_out = value_left_out<Value>(); also_empty || !left_out || value != *left_out) {
        to.emplace(which.name, written(value));
    }
}

/// The parameters, but for those that hold what they would if they were left out.
[[nodiscard]] inline auto said_of(const operation& what, bool is_own) -> boost::json::object
{
    const auto of_known = [&]<typename Operation>(const Operation& one) {
        auto all = boost::json::object{};
        std::apply([&](const auto&... which) { (say(one, which, is_own && which.is_always_recorded, all), ...); },
                   Operation::params);
        return all;
    };
    return told<boost::json::object>(what,
                                     overloaded{of_known, [](const unread_operation& one) { return one.params; }});
}

} // namespace detail

/// The parameters as the agent records what it does of its own accord.
[[nodiscard]] inline auto params_of(const operation& what) -> boost::json::object
{
    return detail::said_of(what, /*is_own=*/true);
}

/// The parameters of a signed operation as a record has them: none that goes without saying, in the order of RFC 8785.
[[nodiscard]] inline auto signed_params_of(const operation& what) -> boost::json::object
{
    if (const auto* const unread = std::get_if<unread_operation>(&what)) {
        return unread->params;
    }
    const auto said = detail::said_of(what, /*is_own=*/false);
    auto names = std::vector<std::string_view>{};
    for (const auto& param : said) {
        names.emplace_back(param.key());
    }
    std::ranges::sort(names);
    auto sorted = boost::json::object{};
    for (const auto name : names) {
        sorted.emplace(name, said.at(name));
    }
    return sorted;
}

/// The operation of a record.
[[nodiscard]] inline auto recorded_operation(std::string_view name, boost::json::object params) -> operation
{
    auto read = detail::read_one_of<operation>(known_operations{}, name, params);
    return read ? *std::move(read) : unread_operation{.name = std::string{name}, .params = std::move(params)};
}

} // namespace felhom::operate
