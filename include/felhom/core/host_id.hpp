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

namespace felhom {

/// The name under which this host is known to its hub and its operators. Compared byte for byte, so that a signed
/// operation for a look-alike never fits.
class host_id {
public:
    static constexpr std::size_t longest = 128;

    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<host_id, parse_error>
    {
        const auto legal = [](char c) { return ascii::is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; };
        if (text.empty() || text.size() > longest || !ascii::is_alphanumeric(text.front())
            || !std::ranges::all_of(text, legal)) {
            return tl::unexpected(parse_error{
                .what = "host id",
                .rule = "1 to 128 of A-Z a-z 0-9 . _ - beginning with a letter or digit",
                .got = std::string{text},
            });
        }
        return host_id{std::string{text}};
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }

    friend auto operator<=>(const host_id&, const host_id&) = default;

private:
    explicit host_id(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

} // namespace felhom
