// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/printable.hpp>

#include <string>

namespace felhom {

/// A text that is not the value it should be.
struct parse_error {
    std::string what; ///< the kind of value, as a user calls it: "vmid", "node name"
    std::string rule; ///< what such a value looks like
    std::string got;  ///< the text as it was given

    friend auto operator==(const parse_error&, const parse_error&) -> bool = default;
};

/// One line: what was wrong, what would be right.
[[nodiscard]] inline auto describe(const parse_error& error) -> std::string
{
    const auto vowel = error.what.find_first_of("aeioAEIO") == 0;
    return "'" + printable(error.got) + "' is not " + (vowel ? "an " : "a ") + error.what + ": expected " + error.rule;
}

} // namespace felhom
