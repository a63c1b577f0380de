#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/utf8.hpp>
#include <felhom/core/vmid.hpp>

#include <date/date.h>

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

// Writes JSON straight into one text. Building a document of Boost.JSON first costs twice the time and keeps the report
// in memory a second time; and Boost.JSON writes bytes that are no UTF-8 as they are.
namespace felhom::hub {

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

class json_writer {
public:
    explicit json_writer(std::string& out) : out_{&out} {}

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

    void value(std::string_view text)
    {
        *out_ += '"';
        while (!text.empty()) {
            const auto plain = plain_length(text);
            *out_ += text.substr(0, plain);
            text.remove_prefix(plain);
            if (!text.empty()) {
                text.remove_prefix(write_special(text));
            }
        }
        *out_ += '"';
    }
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
            append_decimal(number, *out_);
        } else {
            null();
        }
    }
    void value(vmid id) { value(id.number()); }
    void value(std::chrono::seconds duration) { value(duration.count()); }
    void value(std::chrono::sys_seconds time) { value(instant{time}); }
    /// The text of to_rfc3339, without its way over a stream and a locale.
    void value(instant time)
    {
        const auto day = date::floor<date::days>(time);
        const auto ymd = date::year_month_day{day};
        const auto year = static_cast<int>(ymd.year());
        if (year < 0 || year > 9999) {
            value(to_rfc3339(time));
            return;
        }
        const auto passed = static_cast<unsigned>((time - day).count());
        *out_ += '"';
        two_digits(static_cast<unsigned>(year) / 100U);
        two_digits(static_cast<unsigned>(year) % 100U);
        *out_ += '-';
        two_digits(static_cast<unsigned>(ymd.month()));
        *out_ += '-';
        two_digits(static_cast<unsigned>(ymd.day()));
        *out_ += 'T';
        two_digits(passed / 3'600'000U);
        *out_ += ':';
        two_digits(passed / 60'000U % 60U);
        *out_ += ':';
        two_digits(passed / 1000U % 60U);
        if (const auto thousandths = passed % 1000U; thousandths != 0) {
            *out_ += '.';
            *out_ += digit(thousandths / 100U);
            two_digits(thousandths % 100U);
        }
        *out_ += R"(Z")";
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
    /// A value of the report: an object whose members the `write_members` that stands beside its type adds.
    template <typename T>
        requires requires(json_writer& out, const T& of) { write_members(out, of); }
    void value(const T& of)
    {
        open();
        write_members(*this, of);
        close();
    }
    void null() { *out_ += std::string_view{"null"}; }

private:
    [[nodiscard]] static constexpr auto digit(unsigned number) -> char { return static_cast<char>('0' + number); }

    void two_digits(unsigned number)
    {
        *out_ += digit(number / 10U);
        *out_ += digit(number % 10U);
    }

    [[nodiscard]] static constexpr auto is_plain(char c) -> bool
    {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20U && byte < 0x7fU && c != '"' && c != '\\';
    }

    [[nodiscard]] static auto plain_length(std::string_view text) -> std::size_t
    {
        auto at = std::size_t{0};
        while (at < text.size() && is_plain(text[at])) {
            ++at;
        }
        return at;
    }

    /// Writes the character at the front of a text, and answers how many bytes it took.
    auto write_special(std::string_view text) -> std::size_t
    {
        static constexpr auto hex = std::string_view{"0123456789abcdef"};
        const auto byte = static_cast<unsigned char>(text.front());
        if (byte < 0x80U) {
            if (byte == '"' || byte == '\\') {
                *out_ += '\\';
                *out_ += text.front();
            } else if (byte == '\n') {
                *out_ += "\\n";
            } else {
                *out_ += "\\u00";
                *out_ += hex[byte >> 4U];
                *out_ += hex[byte & 0xfU];
            }
            return 1;
        }
        const auto size = utf8::first_of(text).size;
        *out_ += size == 0 ? std::string_view{"\xEF\xBF\xBD"} : text.substr(0, size);
        return size == 0 ? 1 : size;
    }

    std::string* out_;
};

} // namespace felhom::hub
