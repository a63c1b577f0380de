// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace felhom {

/// Text that is not the JSON document it should be.
struct json_syntax_error {
    std::size_t offset; ///< bytes from the start of the text
    std::string reason;
    bool beyond_limit = false; ///< it may be JSON, and is more than is read

    friend auto operator==(const json_syntax_error&, const json_syntax_error&) -> bool = default;
};

/// What was got where a member is missing; a value that is there is never shown so.
inline constexpr auto nothing_there = std::string_view{"nothing"};

/// A JSON value that is not what its reader needs.
struct json_type_error {
    std::string path; ///< "$.guests[2].vmid"
    std::string expected;
    std::string got;

    friend auto operator==(const json_type_error&, const json_type_error&) -> bool = default;
};

/// A member that its object does not have, and that may be meant for one that it does.
struct json_unknown_member {
    std::string path;
    std::string nearest; ///< the member that was probably meant; empty if none

    friend auto operator==(const json_unknown_member&, const json_unknown_member&) -> bool = default;
};

using json_error = std::variant<json_syntax_error, json_type_error, json_unknown_member>;

/// "$.version is missing", "$.version: expected an integer, got null".
[[nodiscard]] inline auto describe_flaw(std::string_view path, std::string_view expected, std::string_view got)
    -> std::string
{
    return printable(path)
           + (got == nothing_there ? std::string{" is missing"}
                                   : ": expected " + std::string{expected} + ", got " + printable(got));
}

/// One line: where, what was expected, what was found.
[[nodiscard]] inline auto describe(const json_error& error) -> std::string
{
    return std::visit(overloaded{
                          [](const json_syntax_error& e) {
                              const auto byte = std::to_string(e.offset);
                              return e.beyond_limit
                                         ? "too large, from byte " + byte + " on: " + e.reason + "; make it smaller"
                                         : "not valid JSON at byte " + byte + ": " + printable(e.reason);
                          },
                          [](const json_type_error& e) { return describe_flaw(e.path, e.expected, e.got); },
                          [](const json_unknown_member& e) {
                              return printable(e.path) + ": no such member"
                                     + (e.nearest.empty() ? "" : "; did you mean \"" + e.nearest + "\"?");
                          },
                      },
                      error);
}

} // namespace felhom
