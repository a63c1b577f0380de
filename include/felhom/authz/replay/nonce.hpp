// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/parse_error.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <compare>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::authz {

/// The number used once of a signed operation: 16 to 64 bytes as lower-case hex, so that one nonce has one spelling.
class nonce {
public:
    static constexpr std::size_t fewest_digits = 32;
    static constexpr std::size_t most_digits = 128;

    /// Whether the text is one, without making it.
    [[nodiscard]] static auto is_legal(std::string_view text) -> bool
    {
        return text.size() >= fewest_digits && text.size() <= most_digits && text.size() % 2 == 0
               && std::ranges::all_of(text, ascii::is_lower_hex);
    }

    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<nonce, parse_error>
    {
        if (!is_legal(text)) {
            return tl::unexpected(parse_error{
                .what = "nonce",
                .rule = "16 to 64 bytes as lower-case hex digits",
                .got = std::string{text},
            });
        }
        return nonce{std::string{text}};
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }

    friend auto operator<=>(const nonce&, const nonce&) = default;

private:
    explicit nonce(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

} // namespace felhom::authz
