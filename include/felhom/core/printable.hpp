// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/hex.hpp>
#include <felhom/core/utf8.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace felhom {

namespace detail {

/// What a terminal obeys instead of showing it: the control characters (C0, DEL and C1), and those that turn the
/// direction of what stands around them (Unicode Standard Annex 9).
[[nodiscard]] constexpr auto commands_terminal(std::uint32_t code) -> bool
{
    const auto control = code < 0x20U || (code >= 0x7FU && code < 0xA0U);
    const auto separator = code == 0x2028U || code == 0x2029U;
    const auto direction = code == 0x061CU || code == 0x200EU || code == 0x200FU || (code >= 0x202AU && code <= 0x202EU)
                           || (code >= 0x2066U && code <= 0x2069U);
    return control || separator || direction;
}

[[nodiscard]] inline auto escaped(std::string_view bytes) -> std::string
{
    auto text = std::string{};
    for (const auto c : bytes) {
        text += "\\x";
        append_hex(text, static_cast<unsigned char>(c));
    }
    return text;
}

} // namespace detail

/// A text of unknown origin for one line of a terminal or a log: valid UTF-8 whose control characters are shown as
/// escapes, so that it can neither break the line nor command the terminal. What exceeds `longest` bytes is cut,
/// between two characters.
[[nodiscard]] inline auto printable(std::string_view text, std::size_t longest = 200) -> std::string
{
    auto shown = std::string{};
    shown.reserve(text.size());
    while (!text.empty()) {
        const auto next = utf8::first_of(text);
        const auto bytes = text.substr(0, next.size == 0 ? 1 : next.size);
        const auto plain = next.size != 0 && !detail::commands_terminal(next.code);
        const auto piece = bytes == "\n" ? std::string{"\\n"} : plain ? std::string{bytes} : detail::escaped(bytes);
        if (shown.size() + piece.size() > longest) {
            return shown + "…";
        }
        shown += piece;
        text.remove_prefix(bytes.size());
    }
    return shown;
}

/// The same with the lines of a text one behind the other.
[[nodiscard]] inline auto printable_joined(std::string_view text, std::size_t longest = 200) -> std::string
{
    auto joined = std::string{};
    for (auto begin = std::size_t{0}; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        joined.append(joined.empty() ? "" : " ").append(text.substr(begin, end - begin));
        begin = std::min(text.find_first_not_of(" \n", end), text.size());
    }
    return printable(joined, longest);
}

/// The same for a text of several lines: each is made printable, the ends of lines stay, `indent` stands before every
/// line but the first, and no more than `most` lines are shown, of at most `longest` bytes each.
[[nodiscard]] inline auto printable_lines(std::string_view text, std::string_view indent = "  ", std::size_t most = 20,
                                          std::size_t longest = 200) -> std::string
{
    auto shown = std::string{};
    for (auto line = std::size_t{0}; line < most; ++line) {
        const auto end = text.find('\n');
        shown.append(line == 0 ? "" : "\n")
            .append(line == 0 ? "" : indent)
            .append(printable(text.substr(0, end), longest));
        if (end == std::string_view::npos) {
            return shown;
        }
        text.remove_prefix(end + 1);
    }
    return shown.append("\n").append(indent).append("…");
}

} // namespace felhom
