#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/proxmox/decode_error.hpp>
#include <felhom/proxmox/plain_decimal.hpp>

#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::proxmox {

/// A place in an answer, present or not. It knows its way back to the root, so that the path of an error is written
/// only when there is an error; a node therefore must not outlive the node it came from.
class reply_node {
public:
    [[nodiscard]] static auto root(const boost::json::value& document) -> reply_node
    {
        return {&document, nullptr, {}, 0};
    }

    /// Absent, or null: Proxmox VE means the same by both.
    [[nodiscard]] auto is_absent() const -> bool { return value_ == nullptr || value_->is_null(); }
    [[nodiscard]] auto if_object() const -> const boost::json::object*
    {
        return value_ == nullptr ? nullptr : value_->if_object();
    }
    [[nodiscard]] auto if_array() const -> const boost::json::array*
    {
        return value_ == nullptr ? nullptr : value_->if_array();
    }

    /// The member of that name; an absent node when there is none, or when this is no object.
    [[nodiscard]] auto operator[](std::string_view key) const& -> reply_node
    {
        const auto* const object = if_object();
        return {object == nullptr ? nullptr : object->if_contains(key), this, key, 0};
    }
    [[nodiscard]] auto member(std::string_view key, const boost::json::value& value) const& -> reply_node
    {
        return {&value, this, key, 0};
    }
    [[nodiscard]] auto element(std::size_t index, const boost::json::value& value) const& -> reply_node
    {
        return {&value, this, {}, index};
    }

    [[nodiscard]] auto fail(std::string expected) const -> decode_error
    {
        return {.path = path(), .expected = std::move(expected), .got = shown()};
    }
    [[nodiscard]] auto fail(const parse_error& why) const -> decode_error
    {
        return fail("a " + why.what + " (" + why.rule + ")");
    }

    [[nodiscard]] auto path() const -> std::string
    {
        if (parent_ == nullptr) {
            return "$";
        }
        return parent_->path()
               + (key_.data() == nullptr ? "[" + std::to_string(index_) + "]" : "." + std::string{key_});
    }

    [[nodiscard]] auto text() const -> tl::expected<std::string_view, decode_error>
    {
        const auto* const string = value_ == nullptr ? nullptr : value_->if_string();
        if (string == nullptr) {
            return tl::unexpected(fail("a string"));
        }
        return std::string_view{*string};
    }

    /// A scalar as text: numbers in plain decimal, booleans as 0 and 1.
    [[nodiscard]] auto scalar_text() const -> tl::expected<std::string, decode_error>
    {
        if (value_ != nullptr) {
            if (const auto* const string = value_->if_string()) {
                return std::string{*string};
            }
            if (const auto* const number = value_->if_int64()) {
                return std::to_string(*number);
            }
            if (const auto* const number = value_->if_uint64()) {
                return std::to_string(*number);
            }
            if (const auto* const flag = value_->if_bool()) {
                return std::string{*flag ? "1" : "0"};
            }
        }
        return tl::unexpected(fail("a string, a number or a boolean"));
    }

    /// An integer, given as a number or as decimal text.
    template <std::integral Integer>
    [[nodiscard]] auto integer() const -> tl::expected<Integer, decode_error>
    {
        if (value_ != nullptr) {
            if (const auto* const number = value_->if_int64(); number != nullptr && std::in_range<Integer>(*number)) {
                return static_cast<Integer>(*number);
            }
            if (const auto* const number = value_->if_uint64(); number != nullptr && std::in_range<Integer>(*number)) {
                return static_cast<Integer>(*number);
            }
            if (const auto* const string = value_->if_string()) {
                // Text may be scientific too; what can be no JSON number is refused by plain_decimal.
                const auto exact = plain_decimal(std::string_view{*string});
                if (const auto number = exact ? parse_decimal<Integer>(*exact) : std::nullopt) {
                    return *number;
                }
            }
        }
        return tl::unexpected(fail(std::signed_integral<Integer> ? "an integer" : "an integer of at least 0"));
    }

    /// A figure to be shown or compared roughly.
    [[nodiscard]] auto figure() const -> tl::expected<double, decode_error>
    {
        if (value_ != nullptr) {
            if (const auto* const number = value_->if_int64()) {
                return static_cast<double>(*number);
            }
            if (const auto* const number = value_->if_uint64()) {
                return static_cast<double>(*number);
            }
            if (const auto* const string = value_->if_string()) {
                const auto exact = plain_decimal(std::string_view{*string});
                if (const auto number = exact ? parse_decimal<double>(*exact) : std::nullopt) {
                    return *number;
                }
            }
        }
        return tl::unexpected(fail("a number"));
    }

    /// 0, 1, "0", "1", true, false; the empty text (PVE 6) and absence are false.
    [[nodiscard]] auto flag() const -> tl::expected<bool, decode_error>
    {
        if (is_absent()) {
            return false;
        }
        if (const auto* const flag = value_->if_bool()) {
            return *flag;
        }
        if (const auto* const number = value_->if_int64(); number != nullptr && (*number == 0 || *number == 1)) {
            return *number == 1;
        }
        if (const auto* const string = value_->if_string()) {
            if (*string == "1") {
                return true;
            }
            if (string->empty() || *string == "0") {
                return false;
            }
        }
        return tl::unexpected(fail("a boolean (0 or 1)"));
    }

private:
    reply_node(const boost::json::value* value, const reply_node* parent, std::string_view key, std::size_t index)
        : value_{value}, parent_{parent}, key_{key}, index_{index}
    {
    }

    [[nodiscard]] auto shown() const -> std::string
    {
        static constexpr auto longest = std::size_t{60};
        if (value_ == nullptr) {
            return "nothing";
        }
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
            return "a number";
        case boost::json::kind::string:
            return "\"" + printable(*value_->if_string(), longest) + "\"";
        case boost::json::kind::array:
            return "an array";
        case boost::json::kind::object:
            return "an object";
        }
        return "nothing";
    }

    const boost::json::value* value_;
    const reply_node* parent_;
    std::string_view key_;
    std::size_t index_;
};

/// Decodes every element of an array, which must be one.
template <typename Decode>
[[nodiscard]] auto decode_each(const reply_node& node, Decode decode)
    -> tl::expected<std::vector<typename decltype(decode(node))::value_type>, decode_error>
{
    const auto* const array = node.if_array();
    if (array == nullptr) {
        return tl::unexpected(node.fail("an array"));
    }
    auto all = std::vector<typename decltype(decode(node))::value_type>{};
    all.reserve(array->size());
    for (auto index = std::size_t{0}; index < array->size(); ++index) {
        auto decoded = decode(node.element(index, (*array)[index]));
        if (!decoded) {
            return tl::unexpected(std::move(decoded).error());
        }
        all.push_back(*std::move(decoded));
    }
    return all;
}

/// Reads the members of one object one after the other and keeps the first error for the end.
class reply_record {
public:
    explicit reply_record(const reply_node& node) : node_{&node}
    {
        if (node.if_object() == nullptr) {
            error_ = node.fail("an object");
        }
    }

    [[nodiscard]] auto text(std::string_view key) -> std::string
    {
        return std::string{keep((*node_)[key].text(), std::string_view{})};
    }
    /// Nothing when absent or empty.
    [[nodiscard]] auto text_if(std::string_view key) -> std::optional<std::string>
    {
        const auto member = (*node_)[key];
        if (member.is_absent()) {
            return std::nullopt;
        }
        auto text = keep(member.scalar_text(), std::string{});
        return text.empty() ? std::nullopt : std::optional{std::move(text)};
    }
    template <std::integral Integer>
    [[nodiscard]] auto integer(std::string_view key) -> Integer
    {
        return keep((*node_)[key].integer<Integer>(), Integer{});
    }
    template <std::integral Integer>
    [[nodiscard]] auto integer_if(std::string_view key) -> std::optional<Integer>
    {
        const auto member = (*node_)[key];
        return member.is_absent() ? std::nullopt : std::optional{keep(member.integer<Integer>(), Integer{})};
    }
    template <std::integral Integer>
    [[nodiscard]] auto integer_or(std::string_view key, Integer otherwise) -> Integer
    {
        return integer_if<Integer>(key).value_or(otherwise);
    }
    [[nodiscard]] auto figure_if(std::string_view key) -> std::optional<double>
    {
        const auto member = (*node_)[key];
        return member.is_absent() ? std::nullopt : std::optional{keep(member.figure(), 0.0)};
    }
    [[nodiscard]] auto figure_or(std::string_view key, double otherwise) -> double
    {
        return figure_if(key).value_or(otherwise);
    }
    // What is only shown, and decides nothing: nothing where it is not what it should be.

    template <std::integral Integer>
    [[nodiscard]] auto shown_integer(std::string_view key) const -> std::optional<Integer>
    {
        const auto number = (*node_)[key].integer<Integer>();
        return number ? std::optional{*number} : std::nullopt;
    }
    [[nodiscard]] auto shown_figure(std::string_view key) const -> std::optional<double>
    {
        const auto number = (*node_)[key].figure();
        return number ? std::optional{*number} : std::nullopt;
    }
    [[nodiscard]] auto shown_text(std::string_view key) const -> std::optional<std::string>
    {
        auto text = (*node_)[key].scalar_text();
        return text && !text->empty() ? std::optional{*std::move(text)} : std::nullopt;
    }

    [[nodiscard]] auto flag(std::string_view key) -> bool { return keep((*node_)[key].flag(), false); }

    /// Keeps the error of a part that was decoded beside, and gives back its value or a stand-in.
    template <typename Value>
    [[nodiscard]] auto keep(tl::expected<Value, decode_error> decoded, Value stand_in) -> Value
    {
        if (decoded) {
            return *std::move(decoded);
        }
        if (!error_) {
            error_ = std::move(decoded).error();
        }
        return stand_in;
    }

    /// The value that was read, or the first error.
    template <typename Value>
    [[nodiscard]] auto yield(Value value) && -> tl::expected<Value, decode_error>
    {
        if (error_) {
            return tl::unexpected(*std::move(error_));
        }
        return value;
    }

private:
    const reply_node* node_;
    std::optional<decode_error> error_;
};

/// A value that has a parser of its own, from a string.
template <typename Value>
[[nodiscard]] auto decode_parsed(const reply_node& node) -> tl::expected<Value, decode_error>
{
    return node.text().and_then([&](std::string_view text) {
        return Value::parse(text).map_error([&](const parse_error& why) { return node.fail(why); });
    });
}

} // namespace felhom::proxmox
