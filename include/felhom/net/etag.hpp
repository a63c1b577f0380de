// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/parse_error.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::net {

/// The name that a server gave to a version of a document (RFC 9110 section 8.8.3): it goes back to the server as it
/// came.
class etag {
public:
    static constexpr std::size_t longest = 256;

    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<etag, parse_error>
    {
        const auto opaque = text.substr(text.starts_with("W/") ? 2 : 0);
        const auto quoted = opaque.size() >= 2 && opaque.front() == '"' && opaque.back() == '"';
        // obs-text is left out: what is not ASCII has no business in a header that this program writes.
        const auto legal = [](char c) { return c == '!' || (c >= '#' && c <= '~'); };
        if (!quoted || text.size() > longest || !std::ranges::all_of(opaque.substr(1, opaque.size() - 2), legal)) {
            return tl::unexpected(parse_error{.what = "ETag",
                                              .rule = "visible ASCII in quotes, W/ in front of a weak one",
                                              .got = std::string{text.substr(0, longest)}});
        }
        return etag{std::string{text}};
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }

    friend auto operator==(const etag&, const etag&) -> bool = default;

private:
    explicit etag(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

} // namespace felhom::net
