// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/nearest.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/param_json.hpp>
#include <felhom/operate/operation/params_error.hpp>
#include <felhom/proxmox/model/config_changes.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/detail/mp_list.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// The parameters of operations as they are read: what an operator signs, and what the journal holds.
namespace felhom::operate {

namespace detail {

struct param_rule {
    std::string_view name;
    bool is_required;
};

/// What a parameter holds that is not given.
template <typename Value>
[[nodiscard]] auto value_left_out() -> std::optional<Value>
{
    if constexpr (std::is_default_constructible_v<Value>) {
        return Value{};
    } else {
        return std::nullopt;
    }
}

/// The parameters of an operation: those without a value of their own are required.
template <typename Operation>
[[nodiscard]] consteval auto rules_of()
{
    return std::apply(
        []<typename... Value>(const param<Operation, Value>&... one) {
            return std::array<param_rule, sizeof...(Value)>{
                param_rule{one.name, !std::is_default_constructible_v<Value>}...};
        },
        Operation::params);
}

/// Every parameter is one of the operation's, and every one that it needs is there.
[[nodiscard]] inline auto wrong_names(std::string_view op, std::span<const param_rule> rules,
                                      const boost::json::object& given) -> std::optional<params_error>
{
    auto known = std::vector<std::string_view>{};
    for (const auto& param : rules) {
        if (param.is_required && !given.contains(param.name)) {
            return missing_param{.op = std::string{op}, .name = std::string{param.name}};
        }
        known.push_back(param.name);
    }
    for (const auto& member : given) {
        const auto name = std::string_view{member.key()};
        if (!contains(known, name)) {
            return unknown_param{
                .op = std::string{op}, .name = std::string{name}, .nearest = std::string{nearest(name, known)}};
        }
    }
    return std::nullopt;
}

/// The value of a parameter. The first failure of several sticks.
template <typename Operation, typename Value>
[[nodiscard]] auto value_in(const boost::json::object& given, const param<Operation, Value>& which,
                            std::optional<params_error>& failure) -> std::optional<Value>
{
    const auto* const found = given.if_contains(which.name);
    if (found == nullptr) {
        return value_left_out<Value>();
    }
    auto value = read(*found, type<Value>{});
    if (value) {
        return *std::move(value);
    }
    if (!failure) {
        failure = bad_param{.op = std::string{Operation::name},
                            .name = std::string{which.name},
                            .expected = std::move(value.error().expected),
                            .got = std::move(value.error().got)};
    }
    return std::nullopt;
}

struct anything {
    template <typename T>
    explicit(false) operator T() const;
};

template <typename Operation, std::size_t... Index>
[[nodiscard]] consteval auto takes_one_more(std::index_sequence<Index...> /*params*/) -> bool
{
    return requires { Operation{anything{}, (void(Index), anything{})...}; };
}

template <typename Operation>
[[nodiscard]] auto read_params(const boost::json::object& given) -> tl::expected<Operation, params_error>
{
    static constexpr auto rules = rules_of<Operation>();
    static_assert(!takes_one_more<Operation>(std::make_index_sequence<rules.size()>{}),
                  "a member that is no parameter");
    auto failure = wrong_names(Operation::name, rules, given);
    if (failure) {
        return tl::unexpected(*std::move(failure));
    }
    // Between braces, so that they are read one after the other.
    auto values = std::apply(
        [&]<typename... Value>(const param<Operation, Value>&... one) {
            return std::tuple<std::optional<Value>...>{value_in(given, one, failure)...};
        },
        Operation::params);
    if (failure) {
        return tl::unexpected(*std::move(failure));
    }
    return std::apply([](auto&... value) { return Operation{*std::move(value)...}; }, values);
}

/// One of these operations, by its name.
template <typename Variant, typename... O>
[[nodiscard]] auto read_one_of(boost::mp11::mp_list<O...> /*all*/, std::string_view name,
                               const boost::json::object& given) -> tl::expected<Variant, params_error>
{
    static constexpr auto known = std::array<std::string_view, sizeof...(O)>{O::name...};
    auto read = std::optional<tl::expected<Variant, params_error>>{};
    ((O::name == name ? void(read = read_params<O>(given).map([](O one) { return Variant{std::move(one)}; })) : void()),
     ...);
    return read ? *std::move(read)
                : tl::unexpected<params_error>(
                      unknown_operation{.op = std::string{name}, .nearest = std::string{nearest(name, known)}});
}

} // namespace detail

/// What a signed name and its parameters ask for. Unknown, missing and ill-typed parameters are refused, and so are
/// changes that no call may carry.
[[nodiscard]] inline auto parse_signed_operation(std::string_view op, const boost::json::object& params)
    -> tl::expected<signed_operation, params_error>
{
    auto what = detail::read_one_of<signed_operation>(detail::signed_operations{}, op, params);
    const auto* const config = what ? std::get_if<guest_set_config>(&*what) : nullptr;
    if (config != nullptr) {
        if (const auto changes = proxmox::config_changes::make(config->set, config->remove); !changes) {
            return tl::unexpected<params_error>(bad_changes{changes.error()});
        }
    }
    return what;
}

} // namespace felhom::operate
