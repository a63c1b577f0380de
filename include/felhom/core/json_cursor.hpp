#pragma once

#include <felhom/core/json_error.hpp>
#include <felhom/core/printable.hpp>

#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom {

/// A JSON value and the path that led to it. Every reader of it answers with the value or with a json_type_error that
/// names the path. For documents that people write: types are exact, nothing is converted.
class json_cursor {
public:
    [[nodiscard]] static auto root(const boost::json::value& document) -> json_cursor { return {&document, "$"}; }

    [[nodiscard]] auto value() const -> const boost::json::value& { return *value_; }
    [[nodiscard]] auto path() const -> const std::string& { return path_; }
    [[nodiscard]] auto is_null() const -> bool { return value_->is_null(); }

    [[nodiscard]] auto fail(std::string expected) const -> json_type_error
    {
        return {.path = path_, .expected = std::move(expected), .got = shown(*value_)};
    }

    /// The member of this object, or nothing when it is absent. An error when this is no object.
    [[nodiscard]] auto find(std::string_view key) const -> tl::expected<std::optional<json_cursor>, json_type_error>
    {
        const auto* const object = value_->if_object();
        if (object == nullptr) {
            return tl::unexpected(fail("an object"));
        }
        const auto* const member = object->if_contains(key);
        if (member == nullptr) {
            return std::optional<json_cursor>{};
        }
        return json_cursor{member, path_of(key)};
    }

    [[nodiscard]] auto require(std::string_view key) const -> tl::expected<json_cursor, json_type_error>
    {
        return find(key).and_then([&](std::optional<json_cursor> member) -> tl::expected<json_cursor, json_type_error> {
            if (!member) {
                return tl::unexpected(json_type_error{.path = path_of(key), .expected = "a value", .got = "nothing"});
            }
            return *std::move(member);
        });
    }

    /// The members of this object in the order of the document.
    [[nodiscard]] auto members() const
        -> tl::expected<std::vector<std::pair<std::string_view, json_cursor>>, json_type_error>
    {
        const auto* const object = value_->if_object();
        if (object == nullptr) {
            return tl::unexpected(fail("an object"));
        }
        auto all = std::vector<std::pair<std::string_view, json_cursor>>{};
        all.reserve(object->size());
        for (const auto& [key, member] : *object) {
            all.emplace_back(key, json_cursor{&member, path_of(key)});
        }
        return all;
    }

    [[nodiscard]] auto elements() const -> tl::expected<std::vector<json_cursor>, json_type_error>
    {
        const auto* const array = value_->if_array();
        if (array == nullptr) {
            return tl::unexpected(fail("an array"));
        }
        auto all = std::vector<json_cursor>{};
        all.reserve(array->size());
        for (const auto& element : *array) {
            all.push_back(json_cursor{&element, path_ + "[" + std::to_string(all.size()) + "]"});
        }
        return all;
    }

    [[nodiscard]] auto string() const -> tl::expected<std::string_view, json_type_error>
    {
        const auto* const text = value_->if_string();
        if (text == nullptr) {
            return tl::unexpected(fail("a string"));
        }
        return std::string_view{*text};
    }

    [[nodiscard]] auto boolean() const -> tl::expected<bool, json_type_error>
    {
        const auto* const flag = value_->if_bool();
        if (flag == nullptr) {
            return tl::unexpected(fail("true or false"));
        }
        return *flag;
    }

    template <std::integral Integer>
    [[nodiscard]] auto integer(Integer least, Integer greatest) const -> tl::expected<Integer, json_type_error>
    {
        const auto inside = [&](auto number) {
            return !(std::cmp_less(number, least) || std::cmp_greater(number, greatest));
        };
        if (const auto* const number = value_->if_int64(); number != nullptr && inside(*number)) {
            return static_cast<Integer>(*number);
        }
        if (const auto* const number = value_->if_uint64(); number != nullptr && inside(*number)) {
            return static_cast<Integer>(*number);
        }
        return tl::unexpected(fail("an integer from " + std::to_string(least) + " to " + std::to_string(greatest)));
    }

private:
    json_cursor(const boost::json::value* value, std::string path) : value_{value}, path_{std::move(path)} {}

    [[nodiscard]] auto path_of(std::string_view key) const -> std::string { return path_ + "." + printable(key); }

    [[nodiscard]] static auto shown(const boost::json::value& value) -> std::string
    {
        static constexpr std::size_t longest = 60;
        switch (value.kind()) {
        case boost::json::kind::null:
            return "null";
        case boost::json::kind::bool_:
            return *value.if_bool() ? "true" : "false";
        case boost::json::kind::int64:
            return std::to_string(*value.if_int64());
        case boost::json::kind::uint64:
            return std::to_string(*value.if_uint64());
        case boost::json::kind::double_:
            return "the number " + std::to_string(*value.if_double());
        case boost::json::kind::string:
            return "\"" + printable(*value.if_string(), longest) + "\"";
        case boost::json::kind::array:
            return "an array";
        case boost::json::kind::object:
            return "an object";
        }
        return "nothing";
    }

    const boost::json::value* value_;
    std::string path_;
};

} // namespace felhom
