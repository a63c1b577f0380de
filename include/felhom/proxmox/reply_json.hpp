#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/proxmox/decode_error.hpp>
#include <felhom/proxmox/plain_decimal.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>
#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::proxmox {

namespace detail {

/// Builds a Boost.JSON value in which no number has lost a digit. A number that is no 64-bit integer becomes its plain
/// decimal text, as a string: Proxmox VE itself sends the same number now as a number, now as a string, so every reader
/// of a number takes both.
class reply_json_handler {
public:
    static constexpr std::size_t max_object_size = std::size_t{1} << 20U;
    static constexpr std::size_t max_array_size = std::size_t{1} << 20U;
    static constexpr std::size_t max_key_size = std::size_t{1} << 16U;
    static constexpr std::size_t max_string_size = std::size_t{1} << 26U;

    using code = boost::system::error_code;

    [[nodiscard]] auto release() -> boost::json::value { return stack_.release(); }
    void reset() { stack_.reset(); }

    static auto on_document_begin(code& /*ec*/) -> bool { return true; }
    static auto on_document_end(code& /*ec*/) -> bool { return true; }
    static auto on_object_begin(code& /*ec*/) -> bool { return true; }
    auto on_object_end(std::size_t n, code& /*ec*/) -> bool
    {
        stack_.push_object(n);
        return true;
    }
    static auto on_array_begin(code& /*ec*/) -> bool { return true; }
    auto on_array_end(std::size_t n, code& /*ec*/) -> bool
    {
        stack_.push_array(n);
        return true;
    }
    auto on_key_part(std::string_view part, std::size_t /*n*/, code& /*ec*/) -> bool
    {
        stack_.push_chars(part);
        return true;
    }
    auto on_key(std::string_view part, std::size_t /*n*/, code& /*ec*/) -> bool
    {
        stack_.push_key(part);
        return true;
    }
    auto on_string_part(std::string_view part, std::size_t /*n*/, code& /*ec*/) -> bool
    {
        stack_.push_chars(part);
        return true;
    }
    auto on_string(std::string_view part, std::size_t /*n*/, code& /*ec*/) -> bool
    {
        stack_.push_string(part);
        return true;
    }
    auto on_number_part(std::string_view part, code& /*ec*/) -> bool
    {
        number_ += part;
        return true;
    }
    auto on_int64(std::int64_t number, std::string_view /*text*/, code& /*ec*/) -> bool
    {
        number_.clear();
        stack_.push_int64(number);
        return true;
    }
    auto on_uint64(std::uint64_t number, std::string_view /*text*/, code& /*ec*/) -> bool
    {
        number_.clear();
        stack_.push_uint64(number);
        return true;
    }
    auto on_double(double /*rounded*/, std::string_view text, code& ec) -> bool
    {
        number_ += text;
        const auto exact = plain_decimal(std::exchange(number_, {}));
        if (!exact) {
            ec = boost::json::error::not_exact;
            return false;
        }
        push_decimal(*exact);
        return true;
    }
    auto on_bool(bool value, code& /*ec*/) -> bool
    {
        stack_.push_bool(value);
        return true;
    }
    auto on_null(code& /*ec*/) -> bool
    {
        stack_.push_null();
        return true;
    }
    static auto on_comment_part(std::string_view /*part*/, code& /*ec*/) -> bool { return true; }
    static auto on_comment(std::string_view /*part*/, code& /*ec*/) -> bool { return true; }

private:
    void push_decimal(std::string_view exact)
    {
        if (const auto integer = parse_decimal<std::int64_t>(exact)) {
            stack_.push_int64(*integer);
        } else if (const auto natural = parse_decimal<std::uint64_t>(exact)) {
            stack_.push_uint64(*natural);
        } else {
            stack_.push_string(exact);
        }
    }

    boost::json::value_stack stack_;
    std::string number_;
};

} // namespace detail

/// Reads the JSON of an answer with every number exact. The error says what came instead: an empty body, HTML, a cut
/// document.
[[nodiscard]] inline auto parse_reply_json(std::string_view body) -> tl::expected<boost::json::value, decode_error>
{
    static constexpr auto shown = std::size_t{60};
    const auto failed = [&](const std::string& reason) {
        return tl::unexpected(decode_error{
            .path = "$",
            .expected = "JSON",
            .got = body.empty() ? std::string{"an empty body"} : "'" + printable(body, shown) + "' (" + reason + ")",
        });
    };
    auto parser = boost::json::basic_parser<detail::reply_json_handler>{boost::json::parse_options{}};
    parser.handler().reset();
    auto ec = boost::system::error_code{};
    const auto used = parser.write_some(/*more=*/false, body.data(), body.size(), ec);
    if (ec) {
        return failed(ec.message() + " at byte " + std::to_string(used));
    }
    if (body.find_first_not_of(" \t\r\n", used) != std::string_view::npos) {
        return failed("text after the end of the document");
    }
    return parser.handler().release();
}

} // namespace felhom::proxmox
