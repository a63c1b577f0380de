#pragma once

#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>

#include <cstddef>
#include <string>
#include <variant>

namespace felhom {

/// Text that is not the JSON document it should be.
struct json_syntax_error {
    std::size_t offset; ///< bytes from the start of the text
    std::string reason;

    friend auto operator==(const json_syntax_error&, const json_syntax_error&) -> bool = default;
};

/// A JSON value that is not what its reader needs.
struct json_type_error {
    std::string path; ///< "$.guests[2].vmid"
    std::string expected;
    std::string got;

    friend auto operator==(const json_type_error&, const json_type_error&) -> bool = default;
};

using json_error = std::variant<json_syntax_error, json_type_error>;

/// One line: where, what was expected, what was found.
[[nodiscard]] inline auto describe(const json_error& error) -> std::string
{
    return std::visit(overloaded{
                          [](const json_syntax_error& e) {
                              return "not valid JSON at byte " + std::to_string(e.offset) + ": " + printable(e.reason);
                          },
                          [](const json_type_error& e) {
                              return printable(e.path) + ": expected " + e.expected + ", got " + printable(e.got);
                          },
                      },
                      error);
}

} // namespace felhom
