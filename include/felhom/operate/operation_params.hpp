#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/contains.hpp>
#include <felhom/core/nearest.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/operate/operation.hpp>
#include <felhom/operate/param_json.hpp>
#include <felhom/proxmox/config_changes.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
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

// The parameters of operations as JSON: in the records of the journal, and in what an operator signs.
namespace felhom::operate {

struct unknown_operation {
    std::string op;
    std::string nearest; ///< empty when none is near

    friend auto operator==(const unknown_operation&, const unknown_operation&) -> bool = default;
};
struct unknown_param {
    std::string op;
    std::string name;
    std::string nearest;

    friend auto operator==(const unknown_param&, const unknown_param&) -> bool = default;
};
struct missing_param {
    std::string op;
    std::string name;

    friend auto operator==(const missing_param&, const missing_param&) -> bool = default;
};
struct bad_param {
    std::string op;
    std::string name;
    std::string expected;
    std::string got;

    friend auto operator==(const bad_param&, const bad_param&) -> bool = default;
};
/// Changes that no configuration call of this agent may carry.
struct bad_changes {
    proxmox::config_changes_error why;

    friend auto operator==(const bad_changes&, const bad_changes&) -> bool = default;
};

using params_error = std::variant<unknown_operation, unknown_param, missing_param, bad_param, bad_changes>;

[[nodiscard]] inline auto describe(const params_error& error) -> std::string
{
    const auto meant = [](const std::string& nearest) {
        return nearest.empty() ? std::string{} : " (did you mean '" + nearest + "'?)";
    };
    return std::visit(
        overloaded{
            [&](const unknown_operation& e) {
                return "there is no operation '" + printable(e.op) + "'" + meant(e.nearest);
            },
            [&](const unknown_param& e) {
                return e.op + " has no parameter '" + printable(e.name) + "'" + meant(e.nearest);
            },
            [](const missing_param& e) { return e.op + " needs the parameter '" + e.name + "'"; },
            [](const bad_param& e) {
                return e.op + ", parameter '" + e.name + "': expected " + e.expected + ", got " + printable(e.got);
            },
            [](const bad_changes& e) { return std::string{guest_set_config::name} + ": " + proxmox::describe(e.why); },
        },
        error);
}

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
