// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/core/printable.hpp>

#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom {

/// How the JSON is read that people and programs write: types are exact, nothing is converted.
template <bool NullIsAbsent>
struct exact_reading {
    using error = json_type_error;
    static constexpr auto null_is_absent = NullIsAbsent;

    template <std::integral Integer>
    [[nodiscard]] static auto integer(const boost::json::value& of) -> std::optional<Integer>
    {
        if (const auto* const number = of.if_int64(); number != nullptr && std::in_range<Integer>(*number)) {
            return static_cast<Integer>(*number);
        }
        if (const auto* const number = of.if_uint64(); number != nullptr && std::in_range<Integer>(*number)) {
            return static_cast<Integer>(*number);
        }
        return std::nullopt;
    }
    template <std::integral Integer>
    [[nodiscard]] static auto expected_integer(Integer least, Integer greatest) -> std::string
    {
        return least == greatest ? "the integer " + std::to_string(least)
                                 : "an integer from " + std::to_string(least) + " to " + std::to_string(greatest);
    }
    [[nodiscard]] static auto figure(const boost::json::value& of) -> std::optional<double>
    {
        auto ec = boost::system::error_code{};
        const auto number = of.is_number() ? of.to_number<double>(ec) : std::numeric_limits<double>::infinity();
        return !ec && std::isfinite(number) ? std::optional{number} : std::nullopt;
    }
    /// Nothing is no flag.
    [[nodiscard]] static auto flag(const boost::json::value* of) -> std::optional<bool>
    {
        const auto* const flag = of == nullptr ? nullptr : of->if_bool();
        return flag == nullptr ? std::nullopt : std::optional{*flag};
    }
    static constexpr auto expected_flag = std::string_view{"true or false"};
    [[nodiscard]] static auto expected(const parse_error& why) -> std::string { return why.rule; }
};

using exact_json = exact_reading<false>;   ///< null is a value
using nullable_json = exact_reading<true>; ///< a member that is null counts as one that is not there

/// A place in a document, present or not. It knows its way back to the root, so that the path of an error is written
/// only when there is an error; a node therefore must not outlive the node it came from. `Reading` says what its
/// numbers and booleans may look like.
template <typename Reading>
class basic_json_node {
public:
    using error = typename Reading::error;
    template <typename Value>
    using result = tl::expected<Value, error>;

    [[nodiscard]] static auto root(const boost::json::value& document) -> basic_json_node
    {
        return {&document, nullptr, {}, 0};
    }

    /// Null where there is none.
    [[nodiscard]] auto value() const -> const boost::json::value* { return value_; }
    [[nodiscard]] auto is_null() const -> bool { return value_ != nullptr && value_->is_null(); }
    [[nodiscard]] auto is_absent() const -> bool { return value_ == nullptr || (Reading::null_is_absent && is_null()); }
    [[nodiscard]] auto if_object() const -> const boost::json::object*
    {
        return value_ == nullptr ? nullptr : value_->if_object();
    }
    [[nodiscard]] auto if_array() const -> const boost::json::array*
    {
        return value_ == nullptr ? nullptr : value_->if_array();
    }

    /// The member of that name; an absent node when there is none, or when this is no object.
    [[nodiscard]] auto operator[](std::string_view key) const& -> basic_json_node
    {
        const auto* const object = if_object();
        return {object == nullptr ? nullptr : object->if_contains(key), this, key, 0};
    }
    [[nodiscard]] auto member(std::string_view key, const boost::json::value& value) const& -> basic_json_node
    {
        return {&value, this, key, 0};
    }
    [[nodiscard]] auto element(std::size_t index, const boost::json::value& value) const& -> basic_json_node
    {
        return {&value, this, {}, index};
    }

    /// What is wrong with this place, where something is expected of it that it is not.
    [[nodiscard]] auto fail(std::string expected) const -> error
    {
        if (value_ == nullptr) {
            return {.path = path(), .expected = "a value", .got = std::string{nothing_there}};
        }
        return {.path = path(), .expected = std::move(expected), .got = shown()};
    }
    [[nodiscard]] auto fail(const parse_error& why) const -> error { return fail(Reading::expected(why)); }

    [[nodiscard]] auto path() const -> std::string
    {
        if (parent_ == nullptr) {
            return "$";
        }
        return parent_->path() + (key_.data() == nullptr ? "[" + std::to_string(index_) + "]" : "." + printable(key_));
    }

    [[nodiscard]] auto object() const -> result<const boost::json::object*>
    {
        const auto* const object = if_object();
        return object == nullptr ? result<const boost::json::object*>{tl::unexpected(fail("an object"))} : object;
    }

    [[nodiscard]] auto text() const -> result<std::string_view>
    {
        const auto* const string = value_ == nullptr ? nullptr : value_->if_string();
        if (string == nullptr) {
            return tl::unexpected(fail("a string"));
        }
        return std::string_view{*string};
    }

    template <std::integral Integer>
    [[nodiscard]] auto integer(Integer least = std::numeric_limits<Integer>::min(),
                               Integer greatest = std::numeric_limits<Integer>::max()) const -> result<Integer>
    {
        const auto number = value_ == nullptr ? std::nullopt : Reading::template integer<Integer>(*value_);
        if (!number || *number < least || *number > greatest) {
            return tl::unexpected(fail(Reading::expected_integer(least, greatest)));
        }
        return *number;
    }

    /// A number that is to be shown, or compared roughly.
    [[nodiscard]] auto figure() const -> result<double>
    {
        const auto number = value_ == nullptr ? std::nullopt : Reading::figure(*value_);
        if (!number) {
            return tl::unexpected(fail("a number"));
        }
        return *number;
    }

    [[nodiscard]] auto flag() const -> result<bool>
    {
        const auto flag = Reading::flag(value_);
        if (!flag) {
            return tl::unexpected(fail(std::string{Reading::expected_flag}));
        }
        return *flag;
    }

private:
    basic_json_node(const boost::json::value* value, const basic_json_node* parent, std::string_view key,
                    std::size_t index)
        : value_{value}, parent_{parent}, key_{key}, index_{index}
    {
    }

    [[nodiscard]] auto shown() const -> std::string
    {
        static constexpr auto longest = std::size_t{60};
        switch (value_->kind()) {
        case boost::json::kind::null:
            return "null";
        case boost::json::kind::bool_:
            return *value_->if_bool() ? "true" : "false";
        case boost::json::kind::int64:
            return std::to_string(*value_->if_int64());
        case boost::json::kind::uint64:
            return std::to_string(*value_->if_uint64());
        case boost::json::kind::double_:
            return "the number " + std::to_string(*value_->if_double());
        case boost::json::kind::string:
            return "\"" + printable(*value_->if_string(), longest) + "\"";
        case boost::json::kind::array:
            return "an array";
        case boost::json::kind::object:
            return "an object";
        }
        return {};
    }

    const boost::json::value* value_;
    const basic_json_node* parent_;
    std::string_view key_;
    std::size_t index_;
};

using json_node = basic_json_node<exact_json>;

/// What `read` makes of every element of an array, which must be one. The first error ends it.
template <typename Reading, typename Read>
[[nodiscard]] auto read_each(const basic_json_node<Reading>& list, Read read)
    -> tl::expected<std::vector<typename std::invoke_result_t<Read&, const basic_json_node<Reading>&>::value_type>,
                    typename std::invoke_result_t<Read&, const basic_json_node<Reading>&>::error_type>
{
    const auto* const array = list.if_array();
    if (array == nullptr) {
        return tl::unexpected<typename std::invoke_result_t<Read&, const basic_json_node<Reading>&>::error_type>(
            list.fail("an array"));
    }
    auto all = std::vector<typename std::invoke_result_t<Read&, const basic_json_node<Reading>&>::value_type>{};
    all.reserve(array->size());
    for (auto index = std::size_t{0}; index < array->size(); ++index) {
        auto one = std::invoke(read, list.element(index, (*array)[index]));
        if (!one) {
            return tl::unexpected(std::move(one).error());
        }
        all.push_back(*std::move(one));
    }
    return all;
}

/// A text as what a parser makes of it.
template <typename Reading, typename Parse>
[[nodiscard]] auto read_parsed(const basic_json_node<Reading>& at, Parse parse)
    -> tl::expected<typename std::invoke_result_t<Parse&, std::string_view>::value_type, typename Reading::error>
{
    return at.text().and_then([&](std::string_view text) {
        return std::invoke(parse, text).map_error([&](const parse_error& why) { return at.fail(why); });
    });
}

} // namespace felhom
