#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/json/builder.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/model/plain_decimal.hpp>

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

/// Reads the JSON of an answer with every number exact. The error says what came instead: an empty body, HTML, a cut
/// document.
[[nodiscard]] inline auto parse_reply_json(std::string_view body) -> tl::expected<boost::json::value, decode_error>
{
    static constexpr auto shown = std::size_t{60};
    return felhom::detail::parse_json(body, detail::reply_rules{}, {}, {}).map_error([&](const json_syntax_error& why) {
        return decode_error{
            .path = "$",
            .expected = "JSON",
            .got = body.empty() ? std::string{"an empty body"}
                                : "'" + printable(body, shown) + "' (" + why.reason + " at byte "
                                      + std::to_string(why.offset) + ")",
        };
    });
}

} // namespace felhom::proxmox
