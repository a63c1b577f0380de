// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/json/string.hpp>
#include <felhom/core/vmid.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

namespace felhom {

/// The name of a member as it stands in the text, made once: `,"name":`.
template <std::size_t Size>
struct member_name {
    // NOLINTNEXTLINE(modernize-avoid-c-arrays): what a literal is, as a template argument
    consteval member_name(const char (&literal)[Size])
    {
        text.front() = ',';
        text[1] = '"';
        std::copy_n(&literal[0], Size - 1, text.begin() + 2);
        text[Size + 1] = '"';
        text[Size + 2] = ':';
    }

    [[nodiscard]] constexpr auto view() const -> std::string_view { return {text.data(), text.size()}; }

    std::array<char, Size + 3> text{};
};

/// Writes JSON straight into one text, values of the program and documents of Boost.JSON, which itself writes bytes
/// that are no UTF-8 as they are. Building a document first costs twice the time, and memory for both.
class json_writer {
public:
    explicit json_writer(std::string& out, json_escape escape = json_escape::repaired) : out_{&out}, escape_{escape} {}

    void open() { *out_ += '{'; }
    void close() { *out_ += '}'; }

    /// A member of the object that is being written; its value comes next.
    template <member_name Name>
    void name()
    {
        static constexpr auto text = Name.view();
        *out_ += out_->back() == '{' ? text.substr(1) : text;
    }

    /// A member and its value.
    template <member_name Name, typename Value>
    void member(const Value& of)
    {
        name<Name>();
        value(of);
    }

    /// A member whose name comes from a document.
    void name(std::string_view of)
    {
        *out_ += out_->back() == '{' ? "" : ",";
        append_json_string(*out_, of, escape_);
        *out_ += ':';
    }

    /// What is JSON already.
    void raw(std::string_view json) { *out_ += json; }

    void value(std::string_view text) { append_json_string(*out_, text, escape_); }
    void value(const std::string& text) { value(std::string_view{text}); }
    void value(const char*) = delete;
    void value(bool flag) { *out_ += flag ? std::string_view{"true"} : std::string_view{"false"}; }
    template <std::integral Integer>
    void value(Integer number)
    {
        append_decimal(number, *out_);
    }
    /// A number that JSON has; null for the others.
    void value(double number)
    {
        if (std::isfinite(number)) {
            append_json_number(*out_, number);
        } else {
            null();
        }
    }
    void value(vmid id) { value(id.number()); }
    void value(std::chrono::seconds duration) { value(duration.count()); }
    void value(std::chrono::sys_seconds time) { value(instant{time}); }
    void value(instant time)
    {
        *out_ += '"';
        append_rfc3339(time, *out_);
        *out_ += '"';
    }
    template <typename T>
    void value(const std::optional<T>& maybe)
    {
        if (maybe) {
            value(*maybe);
        } else {
            null();
        }
    }
    template <std::ranges::input_range Range>
        requires(!std::convertible_to<const Range&, std::string_view>)
    void value(const Range& elements)
    {
        auto separator = '[';
        for (const auto& element : elements) {
            *out_ += separator;
            separator = ',';
            value(element);
        }
        if (separator == '[') {
            *out_ += '[';
        }
        *out_ += ']';
    }
    /// An object whose members the `write_members` in the namespace of its type adds.
    template <typename T>
        requires requires(json_writer& out, const T& of) { write_members(out, of); }
    void value(const T& of)
    {
        open();
        write_members(*this, of);
        close();
    }
    void null() { *out_ += std::string_view{"null"}; }

    /// A document of Boost.JSON; its members keep their order.
    void value(const boost::json::object& object)
    {
        open();
        for (const auto& member : object) {
            name(member.key());
            value(member.value());
        }
        close();
    }
    template <std::same_as<boost::json::value> Document>
    void value(const Document& document)
    {
        switch (document.kind()) {
        case boost::json::kind::null:
            null();
            return;
        case boost::json::kind::bool_:
            value(*document.if_bool());
            return;
        case boost::json::kind::int64:
            value(*document.if_int64());
            return;
        case boost::json::kind::uint64:
            value(*document.if_uint64());
            return;
        case boost::json::kind::double_:
            value(*document.if_double());
            return;
        case boost::json::kind::string:
            value(std::string_view{*document.if_string()});
            return;
        case boost::json::kind::array:
            value(*document.if_array());
            return;
        case boost::json::kind::object:
            value(*document.if_object());
            return;
        }
    }

private:
    std::string* out_;
    json_escape escape_;
};

/// A document as text, without an end of line.
[[nodiscard]] inline auto print_json(const boost::json::value& document, json_escape escape = json_escape::repaired)
    -> std::string
{
    auto text = std::string{};
    json_writer{text, escape}.value(document);
    return text;
}

/// A document as one line of text.
[[nodiscard]] inline auto json_text(const boost::json::value& document) -> std::string
{
    return print_json(document) + "\n";
}

} // namespace felhom
