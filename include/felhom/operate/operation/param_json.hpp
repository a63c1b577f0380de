// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/node.hpp>
#include <felhom/proxmox/api/timeout_seconds.hpp>
#include <felhom/proxmox/model/guest_config.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// How one parameter of an operation is read and written, by its type.
namespace felhom::operate::detail {

/// What a value should have been, and what stands there.
struct wrong_value {
    std::string expected;
    std::string got;
};

[[nodiscard]] inline auto wrong(std::string expected, const boost::json::value& got) -> tl::unexpected<wrong_value>
{
    return tl::unexpected(
        wrong_value{.expected = std::move(expected), .got = json_node::root(got).fail(std::string{}).got});
}

template <typename T>
using read_value = tl::expected<T, wrong_value>;
template <typename T>
using type = std::type_identity<T>;
using config_entries = std::vector<proxmox::config_entry>;
using keys = std::vector<std::string>;

/// In general: a text that the type parses.
template <typename T>
[[nodiscard]] auto read(const boost::json::value& from, type<T> /*as*/) -> read_value<T>
{
    if (!from.is_string()) {
        return wrong("a string", from);
    }
    return T::parse(std::string_view{from.get_string()}).map_error([&](const auto& why) {
        return wrong_value{.expected = why.rule, .got = std::string{from.get_string()}};
    });
}

template <typename T>
[[nodiscard]] auto read(const boost::json::value& from, type<std::optional<T>> /*as*/) -> read_value<std::optional<T>>
{
    return read(from, type<T>{}).map([](T value) { return std::optional{std::move(value)}; });
}

[[nodiscard]] inline auto read(const boost::json::value& from, type<bool> /*as*/) -> read_value<bool>
{
    return from.is_bool() ? read_value<bool>{from.get_bool()} : wrong("true or false", from);
}

[[nodiscard]] inline auto read(const boost::json::value& from, type<proxmox::timeout_seconds> /*as*/)
    -> read_value<proxmox::timeout_seconds>
{
    using number = proxmox::timeout_seconds::rep;
    return json_node::root(from)
        .integer<number>(0, std::numeric_limits<number>::max())
        .map([](number count) { return proxmox::timeout_seconds{count}; })
        .map_error([](const json_type_error& why) { return wrong_value{why.expected, why.got}; });
}

inline constexpr auto object_of_strings = R"(an object whose values are strings, such as {"protection":"0"})";

/// {"key":"text as in a form", …}
[[nodiscard]] inline auto read(const boost::json::value& from, type<config_entries> /*as*/)
    -> read_value<config_entries>
{
    if (!from.is_object()) {
        return wrong(object_of_strings, from);
    }
    auto all = config_entries{};
    for (const auto& [key, value] : from.get_object()) {
        if (!value.is_string()) {
            return wrong(object_of_strings, value);
        }
        all.push_back({.key = std::string{key}, .value = std::string{value.get_string()}});
    }
    return all;
}

[[nodiscard]] inline auto read(const boost::json::value& from, type<keys> /*as*/) -> read_value<keys>
{
    if (!from.is_array()) {
        return wrong("an array of keys", from);
    }
    auto all = keys{};
    for (const auto& key : from.get_array()) {
        if (!key.is_string()) {
            return wrong("an array of keys", key);
        }
        all.emplace_back(key.get_string());
    }
    return all;
}

[[nodiscard]] inline auto written(bool value) -> boost::json::value
{
    return value;
}
[[nodiscard]] inline auto written(proxmox::timeout_seconds value) -> boost::json::value
{
    return value.count();
}
[[nodiscard]] inline auto written(const keys& all) -> boost::json::value
{
    return boost::json::array(all.begin(), all.end());
}
[[nodiscard]] inline auto written(const config_entries& all) -> boost::json::value
{
    auto object = boost::json::object{};
    for (const auto& entry : all) {
        object[entry.key] = entry.value;
    }
    return object;
}
template <typename T>
[[nodiscard]] auto written(const T& value) -> boost::json::value
{
    return boost::json::string{value.text()};
}
template <typename T>
[[nodiscard]] auto written(const std::optional<T>& value) -> boost::json::value
{
    return value ? written(*value) : boost::json::value{};
}

} // namespace felhom::operate::detail
