// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/sha256.hpp>

#include <boost/crc.hpp>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace felhom::hash_chain {

/// The CRC-32C of a text as eight hex digits.
[[nodiscard]] inline auto checksum(std::string_view text) -> std::array<char, 8>
{
    auto crc = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>{};
    crc.process_bytes(text.data(), text.size());
    auto digits = std::array<char, 8>{};
    auto rest = crc.checksum();
    for (auto at = digits.size(); at-- > 0; rest >>= 4U) {
        digits[at] = "0123456789abcdef"[rest & 0xfU]; // NOLINT(*-constant-array-index): at < 8, rest & 15 < 16
    }
    return digits;
}

/// The numbers that a line begins with: its own, and the first and last of the batch that it was written in.
struct place {
    std::uint64_t seq = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    friend auto operator==(const place&, const place&) -> bool = default;
};

/// The parts of one line, seen in place:
///   {"seq":7,"batch":[6,8],"data":PAYLOAD,"crc":"xxxxxxxx","hash":"…"}
/// The checksum covers what stands before it, so that a line can be told whole without those before it. The hash links
/// the line, checksum included, to all before it.
struct frame {
    place at;
    std::string_view data;
    std::string_view crc_text;
    std::string_view hash_text;
    std::string_view checked; ///< what the checksum covers
    std::string_view linked;  ///< what the hash covers

    [[nodiscard]] auto is_whole() const -> bool
    {
        const auto right = checksum(checked);
        return crc_text == std::string_view{right.data(), right.size()};
    }
};

namespace detail {

inline constexpr auto before_seq = std::string_view{R"({"seq":)"};
inline constexpr auto before_batch = std::string_view{R"(,"batch":[)"};
inline constexpr auto before_data = std::string_view{R"(],"data":)"};
inline constexpr auto before_crc = std::string_view{R"(,"crc":")"};
inline constexpr auto before_hash = std::string_view{R"(","hash":")"};
inline constexpr auto line_end = std::string_view{"\"}"};
inline constexpr std::size_t crc_digits = 8;
inline constexpr std::size_t frame_tail =
    before_crc.size() + crc_digits + before_hash.size() + sha256_digest::digits + line_end.size();

[[nodiscard]] inline auto take(std::string_view& text, std::string_view expected) -> bool
{
    const auto fits = text.starts_with(expected);
    text.remove_prefix(fits ? expected.size() : 0);
    return fits;
}

/// A number in its one spelling: no sign, no leading zero.
[[nodiscard]] inline auto take(std::string_view& text, std::uint64_t& number) -> bool
{
    const auto [stopped, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto length = static_cast<std::size_t>(stopped - text.data());
    if (status != std::errc{} || (text.front() == '0' && length > 1)) {
        return false;
    }
    text.remove_prefix(length);
    return true;
}

} // namespace detail

/// Reads the numbers off the front of a line, and leaves what follows them.
[[nodiscard]] inline auto take_place(std::string_view& line) -> std::optional<place>
{
    auto at = place{};
    const auto read = detail::take(line, detail::before_seq) && detail::take(line, at.seq)
                      && detail::take(line, detail::before_batch) && detail::take(line, at.first)
                      && detail::take(line, ",") && detail::take(line, at.last)
                      && detail::take(line, detail::before_data);
    return read ? std::optional{at} : std::nullopt;
}

/// Splits a line, given without its newline, into its parts. Proves nothing about checksum or hash.
[[nodiscard]] inline auto parse_frame(std::string_view line) -> std::optional<frame>
{
    using namespace detail;
    auto rest = line;
    const auto at = take_place(rest);
    if (!at || rest.size() < frame_tail) {
        return std::nullopt;
    }
    auto tail = rest.substr(rest.size() - frame_tail);
    if (!take(tail, before_crc)) {
        return std::nullopt;
    }
    const auto crc_text = tail.substr(0, crc_digits);
    tail.remove_prefix(crc_digits);
    if (!take(tail, before_hash) || !tail.ends_with(line_end)) {
        return std::nullopt;
    }
    return frame{
        .at = *at,
        .data = rest.substr(0, rest.size() - frame_tail),
        .crc_text = crc_text,
        .hash_text = tail.substr(0, sha256_digest::digits),
        .checked = line.substr(0, line.size() - frame_tail),
        .linked = line.substr(0, line.size() - line_end.size() - sha256_digest::digits - before_hash.size()),
    };
}

} // namespace felhom::hash_chain
