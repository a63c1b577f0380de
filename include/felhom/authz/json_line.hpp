#pragma once

#include <felhom/authz/canonical_json.hpp>
#include <felhom/core/utf8.hpp>

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace felhom::authz {

namespace detail {

class ascii_json_writer {
public:
    void write(const boost::json::value& value)
    {
        switch (value.kind()) {
        case boost::json::kind::null:
            out_ += "null";
            break;
        case boost::json::kind::bool_:
            out_ += *value.if_bool() ? "true" : "false";
            break;
        case boost::json::kind::int64:
            out_ += std::to_string(*value.if_int64());
            break;
        case boost::json::kind::uint64:
            out_ += std::to_string(*value.if_uint64());
            break;
        case boost::json::kind::double_:
            out_ += canonical_number(*value.if_double());
            break;
        case boost::json::kind::string:
            write_string(*value.if_string());
            break;
        case boost::json::kind::array:
            write_array(*value.if_array());
            break;
        case boost::json::kind::object:
            write_object(*value.if_object());
            break;
        }
    }

    [[nodiscard]] auto text() && -> std::string { return std::move(out_); }

private:
    void write_array(const boost::json::array& array)
    {
        out_ += '[';
        for (auto at = std::size_t{0}; at < array.size(); ++at) {
            out_ += at == 0 ? "" : ",";
            write(array[at]);
        }
        out_ += ']';
    }

    void write_object(const boost::json::object& object)
    {
        out_ += '{';
        for (const auto& member : object) {
            out_ += out_.back() == '{' ? "" : ",";
            write_string(member.key());
            out_ += ':';
            write(member.value());
        }
        out_ += '}';
    }

    void write_string(std::string_view text)
    {
        const auto ascii_end = [&] {
            auto at = std::size_t{0};
            while (at < text.size() && text[at] >= 0 && text[at] < '\x7f') {
                ++at;
            }
            return at;
        };
        out_ += '"';
        while (!text.empty()) {
            const auto plain = ascii_end();
            append_canonical_content(out_, text.substr(0, plain));
            text.remove_prefix(plain);
            if (!text.empty()) {
                const auto next = utf8::first_of(text);
                write_escape(next.size == 0 ? replacement : next.code);
                text.remove_prefix(next.size == 0 ? 1 : next.size);
            }
        }
        out_ += '"';
    }

    void write_escape(std::uint32_t point)
    {
        if (point > 0xffffU) {
            write_unit(0xd800U + ((point - 0x10000U) >> 10U));
            write_unit(0xdc00U + ((point - 0x10000U) & 0x3ffU));
        } else {
            write_unit(point);
        }
    }

    static constexpr auto replacement = std::uint32_t{0xfffd}; ///< for a byte that belongs to no character

    void write_unit(std::uint32_t unit)
    {
        static constexpr auto digits = std::string_view{"0123456789abcdef"};
        out_ += "\\u";
        for (const auto shift : {12U, 8U, 4U, 0U}) {
            out_ += digits[(unit >> shift) & 0xfU];
        }
    }

    std::string out_;
};

} // namespace detail

/// A value as one line of ASCII: whatever splits lines for some reader, or commands a terminal, is an escape. Members
/// keep their order; numbers are written as RFC 8785 has them, and integers that it has not as they are.
[[nodiscard]] inline auto json_line(const boost::json::value& value) -> std::string
{
    auto writer = detail::ascii_json_writer{};
    writer.write(value);
    return std::move(writer).text();
}

} // namespace felhom::authz
