// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/core/json/string.hpp>

#include <boost/json/value.hpp>
#include <range/v3/action/sort.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

// The JSON Canonicalization Scheme, RFC 8785: one text per value, so that whoever builds an operation signs the same
// bytes.
namespace felhom::authz {

namespace detail {

/// The order of UTF-16 code units, on UTF-8 (RFC 8785 section 3.2.3). It is that of the bytes, but for characters
/// beyond U+FFFF: their surrogates come before U+E000, whose first byte is 0xee.
[[nodiscard]] inline auto utf16_less(std::string_view a, std::string_view b) -> bool
{
    const auto [in_a, in_b] = std::ranges::mismatch(a, b);
    if (in_a == a.end() || in_b == b.end()) {
        return in_a == a.end() && in_b != b.end();
    }
    const auto rank = [](char c) {
        const auto byte = static_cast<std::uint8_t>(c);
        return byte >= 0xf0U ? byte - 2 : byte >= 0xeeU ? byte + 0x10 : +byte;
    };
    return rank(*in_a) < rank(*in_b);
}

/// The digits of a positive number without the point, and how many of them stand before it.
struct decimal {
    std::string digits;
    int point;
};

[[nodiscard]] inline auto shortest_decimal(double positive) -> decimal
{
    auto text = std::array<char, 32>{};
    const auto* const end =
        std::to_chars(text.data(), text.data() + text.size(), positive, std::chars_format::scientific).ptr;
    const auto scientific = std::string_view{text.data(), static_cast<std::size_t>(end - text.data())};
    const auto e = scientific.find('e');
    auto digits = std::string{scientific.substr(0, e)};
    std::erase(digits, '.');
    const auto exponent = scientific.substr(scientific[e + 1] == '+' ? e + 2 : e + 1);
    auto power = 0;
    std::from_chars(exponent.data(), exponent.data() + exponent.size(), power);
    return {.digits = std::move(digits), .point = power + 1};
}

} // namespace detail

/// A finite number as ECMAScript's Number::toString writes it.
[[nodiscard]] inline auto canonical_number(double number) -> std::string
{
    if (number == 0) {
        return "0"; // also for minus zero
    }
    const auto sign = std::string{number < 0 ? "-" : ""};
    const auto [digits, point] = detail::shortest_decimal(std::abs(number));
    const auto size = static_cast<int>(digits.size());
    const auto zeros = [](int count) { return std::string(static_cast<std::size_t>(count), '0'); };
    if (size <= point && point <= 21) {
        return sign + digits + zeros(point - size);
    }
    if (0 < point && point <= 21) {
        return sign + digits.substr(0, static_cast<std::size_t>(point)) + "."
               + digits.substr(static_cast<std::size_t>(point));
    }
    if (-6 < point && point <= 0) {
        return sign + "0." + zeros(-point) + digits;
    }
    const auto power = point - 1;
    return sign + digits.substr(0, 1) + (size > 1 ? "." + digits.substr(1) : "") + (power < 0 ? "e-" : "e+")
           + std::to_string(std::abs(power));
}

namespace detail {

class canonical_writer {
public:
    using result = tl::expected<void, json_type_error>;

    [[nodiscard]] auto write(const boost::json::value& value, const std::string& path) -> result
    {
        switch (value.kind()) {
        case boost::json::kind::null:
            out_ += "null";
            return {};
        case boost::json::kind::bool_:
            out_ += *value.if_bool() ? "true" : "false";
            return {};
        case boost::json::kind::int64:
            return write_integer(*value.if_int64(), path);
        case boost::json::kind::uint64:
            return write_integer(*value.if_uint64(), path);
        case boost::json::kind::double_:
            if (!std::isfinite(*value.if_double())) {
                return tl::unexpected(json_type_error{path, "a finite number", "one that JSON cannot say"});
            }
            out_ += canonical_number(*value.if_double());
            return {};
        case boost::json::kind::string:
            append_json_string(out_, *value.if_string(), json_escape::least);
            return {};
        case boost::json::kind::array:
            return write_array(*value.if_array(), path);
        case boost::json::kind::object:
            return write_object(*value.if_object(), path);
        }
        return {};
    }

    [[nodiscard]] auto text() && -> std::string { return std::move(out_); }

private:
    /// A number is a double to the scheme. An integer that would silently become another one is refused; one that is
    /// written as its double would be is that double, so that canonical text is its own canonical text.
    template <typename Integer>
    [[nodiscard]] auto write_integer(Integer number, const std::string& path) -> result
    {
        const auto as_double = static_cast<double>(number);
        // The double may be 2^63 or 2^64, which its type does not hold.
        const auto limit = std::ldexp(1.0, std::numeric_limits<Integer>::digits);
        auto text = canonical_number(as_double);
        if ((as_double >= limit || static_cast<Integer>(as_double) != number) && text != std::to_string(number)) {
            return tl::unexpected(json_type_error{path, "an integer that a double can hold", std::to_string(number)});
        }
        out_ += text;
        return {};
    }

    [[nodiscard]] auto write_array(const boost::json::array& array, const std::string& path) -> result
    {
        out_ += '[';
        for (auto at = std::size_t{0}; at < array.size(); ++at) {
            out_ += at == 0 ? "" : ",";
            if (auto written = write(array[at], path + "[" + std::to_string(at) + "]"); !written) {
                return written;
            }
        }
        out_ += ']';
        return {};
    }

    [[nodiscard]] auto write_object(const boost::json::object& object, const std::string& path) -> result
    {
        auto members = std::vector<std::pair<std::string_view, const boost::json::value*>>{};
        members.reserve(object.size());
        for (const auto& member : object) {
            members.emplace_back(member.key(), &member.value());
        }
        members |= ranges::actions::sort(utf16_less, [](const auto& member) { return member.first; });
        out_ += '{';
        for (const auto& [key, value] : members) {
            out_ += out_.back() == '{' ? "" : ",";
            append_json_string(out_, key, json_escape::least);
            out_ += ':';
            if (auto written = write(*value, path + "." + std::string{key}); !written) {
                return written;
            }
        }
        out_ += '}';
        return {};
    }

    std::string out_;
};

} // namespace detail

/// The canonical text of a value.
[[nodiscard]] inline auto canonical_json(const boost::json::value& value) -> tl::expected<std::string, json_type_error>
{
    auto writer = detail::canonical_writer{};
    return writer.write(value, "$").map([&] { return std::move(writer).text(); });
}

} // namespace felhom::authz
