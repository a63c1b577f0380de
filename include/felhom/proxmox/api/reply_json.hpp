// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/json/block_storage.hpp>
#include <felhom/core/json/builder.hpp>
#include <felhom/core/json/value_limit.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/model/plain_decimal.hpp>

#include <boost/json/storage_ptr.hpp>
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

/// The rules of an answer, in which no number loses a digit. One that is no 64-bit integer becomes its plain decimal
/// text, as a string: Proxmox VE itself sends the same number now as a number, now as a string, so every reader of a
/// number takes both.
struct reply_rules {
    static void begin_object() {}
    static void end_object() {}
    static void key_part(std::string_view /*part*/) {}
    [[nodiscard]] static auto key(std::string_view /*part*/) -> std::string { return {}; }
    [[nodiscard]] static auto push_number(std::string_view text, double /*rounded*/, boost::json::value_stack& onto)
        -> std::string
    {
        const auto exact = plain_decimal(text);
        if (!exact) {
            return "a number of too many digits";
        }
        if (const auto integer = parse_decimal<std::int64_t>(*exact)) {
            onto.push_int64(*integer);
        } else if (const auto natural = parse_decimal<std::uint64_t>(*exact)) {
            onto.push_uint64(*natural);
        } else {
            onto.push_string(*exact);
        }
        return {};
    }
};

} // namespace detail

/// Proxmox VE prints no blanks, and its figures are short: a recorded rrddata has a value in 9.9 bytes, a list of
/// containers one in 12.1.
inline constexpr auto reply_values = json_value_limit{.bytes_each = 8};

/// Reads the JSON of an answer with every number exact. The error says what came instead: an empty body, HTML, a cut
/// document, or more than is read of any.
[[nodiscard]] inline auto parse_reply_json(std::string_view body) -> tl::expected<boost::json::value, decode_error>
{
    static constexpr auto shown = std::size_t{60};
    const auto flaw_of = [&](const json_syntax_error& why) {
        const auto got = why.reason + " at byte " + std::to_string(why.offset);
        if (why.beyond_limit) {
            return decode_error{.path = "$", .expected = "a smaller answer", .got = got};
        }
        return decode_error{.path = "$",
                            .expected = "JSON",
                            .got = body.empty() ? std::string{"an empty body"}
                                                : "'" + printable(body, shown) + "' (" + got + ")"};
    };
    return felhom::detail::parse_json(body, detail::reply_rules{}, reply_values, {},
                                      boost::json::make_shared_resource<block_storage>())
        .map_error(flaw_of);
}

} // namespace felhom::proxmox
