// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace felhom::sim {

/// The parts of a text between any of the separators; empty parts are left out.
[[nodiscard]] auto split(std::string_view text, std::string_view separators) -> std::vector<std::string>;

/// A PVE list parameter: separated by commas, semicolons or blanks (pve-common Tools.pm, split_list).
[[nodiscard]] auto split_list(std::string_view text) -> std::vector<std::string>;

[[nodiscard]] auto joined(const std::vector<std::string>& parts, std::string_view separator) -> std::string;

/// Undoes percent-encoding; in a form a plus is a blank.
[[nodiscard]] auto percent_decoded(std::string_view text, bool plus_is_blank = false) -> std::string;

/// Upper-case hexadecimal digits, at least so many.
[[nodiscard]] auto hexadecimal(std::uint64_t number, std::size_t digits) -> std::string;

[[nodiscard]] auto is_decimal(std::string_view text) -> bool;

/// The number of a decimal text, zero for anything else.
[[nodiscard]] auto number_of(std::string_view text) -> std::int64_t;

/// How many characters a UTF-8 text has.
[[nodiscard]] auto characters(std::string_view utf8) -> std::size_t;

} // namespace felhom::sim
