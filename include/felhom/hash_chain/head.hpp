// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/parse_error.hpp>
#include <felhom/core/sha256.hpp>

#include <tl/expected.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace felhom::hash_chain {

/// The state of a log in one value: the number of its last record and the link of the hash chain that ends there. Two
/// logs with one head hold the same records.
struct head {
    std::uint64_t seq = 0;
    sha256_digest hash;

    friend auto operator==(const head&, const head&) -> bool = default;
};

/// "SEQ:HASH", the form that an operator notes down and compares.
[[nodiscard]] inline auto to_text(const head& value) -> std::string
{
    return std::to_string(value.seq) + ":" + to_hex(value.hash);
}

[[nodiscard]] inline auto parse_head(std::string_view text) -> tl::expected<head, parse_error>
{
    const auto colon = text.substr(0, text.find(':'));
    auto seq = std::uint64_t{};
    const auto* const end = colon.data() + colon.size();
    const auto [stopped, status] = std::from_chars(colon.data(), end, seq);
    const auto hash = digest_from_hex(text.substr(colon.size() < text.size() ? colon.size() + 1 : colon.size()));
    const auto canonical = colon == "0" || !colon.starts_with('0');
    if (status != std::errc{} || stopped != end || !canonical || !hash) {
        return tl::unexpected(
            parse_error{.what = "log head", .rule = "SEQ:HASH, a number and 64 hex digits", .got = std::string{text}});
    }
    return head{.seq = seq, .hash = *hash};
}

} // namespace felhom::hash_chain
