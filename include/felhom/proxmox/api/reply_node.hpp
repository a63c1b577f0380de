// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/json/node.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/model/plain_decimal.hpp>

#include <boost/json/value.hpp>
#include <tl/expected.hpp>

#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::proxmox {

/// How the answers of Proxmox VE are read: it sends a number now as a number, now as text, a boolean as 0 and 1, and
/// means the same by null and by a member that is absent.
struct reply_reading {
    using error = decode_error;
    static constexpr auto null_is_absent = true;

    /// Text may be scientific too; what can be no JSON number is refused by plain_decimal.
    template <std::integral Integer>
    [[nodiscard]] static auto integer(const boost::json::value& of) -> std::optional<Integer>
    {
        const auto* const text = of.if_string();
        const auto exact = text == nullptr ? std::nullopt : plain_decimal(std::string_view{*text});
        return exact ? parse_decimal<Integer>(*exact) : exact_json::integer<Integer>(of);
    }
    template <std::integral Integer>
    [[nodiscard]] static auto expected_integer(Integer /*least*/, Integer /*greatest*/) -> std::string
    {
        constexpr auto may_be_negative = std::numeric_limits<Integer>::is_signed;
        return may_be_negative ? "an integer" : "an integer of at least 0";
    }
    [[nodiscard]] static auto figure(const boost::json::value& of) -> std::optional<double>
    {
        const auto* const text = of.if_string();
        const auto exact = text == nullptr ? std::nullopt : plain_decimal(std::string_view{*text});
        return exact ? parse_decimal<double>(*exact) : exact_json::figure(of);
    }
    /// 0, 1, "0", "1", true, false; the empty text (PVE 6) and absence are false.
    [[nodiscard]] static auto flag(const boost::json::value* of) -> std::optional<bool>
    {
        if (of == nullptr || of->is_null()) {
            return false;
        }
        if (const auto* const number = of->if_int64(); number != nullptr && (*number == 0 || *number == 1)) {
            return *number == 1;
        }
        if (const auto* const string = of->if_string()) {
            return *string == "1"                      ? std::optional{true}
                   : string->empty() || *string == "0" ? std::optional{false}
                                                       : std::nullopt;
        }
        return exact_json::flag(of);
    }
    static constexpr auto expected_flag = std::string_view{"a boolean (0 or 1)"};
    [[nodiscard]] static auto expected(const parse_error& why) -> std::string
    {
        return "a " + why.what + " (" + why.rule + ")";
    }
};

/// A place in an answer.
using reply_node = basic_json_node<reply_reading>;

/// A scalar as text: numbers in plain decimal, booleans as 0 and 1.
[[nodiscard]] inline auto scalar_text(const reply_node& at) -> tl::expected<std::string, decode_error>
{
    if (const auto* const value = at.value()) {
        if (const auto* const string = value->if_string()) {
            return std::string{*string};
        }
        if (const auto* const number = value->if_int64()) {
            return std::to_string(*number);
        }
        if (const auto* const number = value->if_uint64()) {
            return std::to_string(*number);
        }
        if (const auto* const flag = value->if_bool()) {
            return std::string{*flag ? "1" : "0"};
        }
    }
    return tl::unexpected(at.fail("a string, a number or a boolean"));
}

/// A value that has a parser of its own, from a string.
template <typename Value>
[[nodiscard]] auto decode_parsed(const reply_node& at) -> tl::expected<Value, decode_error>
{
    return read_parsed(at, [](std::string_view text) { return Value::parse(text); });
}

/// A value that is only shown, and decides nothing: nothing where it is not what it should be.
template <typename Value>
[[nodiscard]] auto shown(tl::expected<Value, decode_error> decoded) -> std::optional<Value>
{
    return decoded ? std::optional{*std::move(decoded)} : std::nullopt;
}

/// Reads the members of one object of an answer.
class reply_record : public object_reader<decode_error, reply_node> {
public:
    using object_reader::object_reader;

    /// A scalar; nothing when absent or empty.
    [[nodiscard]] auto text_if(std::string_view name) -> std::optional<std::string>
    {
        auto text = optional(name, scalar_text);
        return text && !text->empty() ? std::move(text) : std::nullopt;
    }
    template <std::integral Integer>
    [[nodiscard]] auto integer_or(std::string_view name, Integer otherwise) -> Integer
    {
        return integer_if<Integer>(name).value_or(otherwise);
    }

    template <std::integral Integer>
    [[nodiscard]] auto shown_integer(std::string_view name) const -> std::optional<Integer>
    {
        return has(name) ? shown((*this)[name].template integer<Integer>()) : std::nullopt;
    }
    [[nodiscard]] auto shown_figure(std::string_view name) const -> std::optional<double>
    {
        return has(name) ? shown((*this)[name].figure()) : std::nullopt;
    }
    [[nodiscard]] auto shown_text(std::string_view name) const -> std::optional<std::string>
    {
        auto text = has(name) ? shown(scalar_text((*this)[name])) : std::nullopt;
        return text && !text->empty() ? std::move(text) : std::nullopt;
    }
};

} // namespace felhom::proxmox
