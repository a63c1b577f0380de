// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/core/secret.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::hub {

/// The key that this host shows to its hub.
class hub_key {
public:
    static constexpr std::size_t shortest = 8;
    static constexpr std::size_t longest = 4096;

    /// Reads a bearer token (RFC 6750 section 2.1). The error never holds it.
    [[nodiscard]] static auto parse(secret text) -> tl::expected<hub_key, parse_error>
    {
        // No other character: an end of line would begin a header of its own.
        const auto legal = [](char c) {
            return ascii::is_alphanumeric(c) || std::string_view{"-._~+/="}.find(c) != std::string_view::npos;
        };
        const auto shown = text.reveal();
        if (shown.size() < shortest || shown.size() > longest || !std::ranges::all_of(shown, legal)) {
            return tl::unexpected(
                parse_error{.what = "hub key", .rule = "8 to 4096 of A-Z a-z 0-9 - . _ ~ + / =", .got = "(not shown)"});
        }
        return hub_key{std::move(text)};
    }

    [[nodiscard]] auto value() const -> const secret& { return value_; }

    /// The whole header line that shows it.
    [[nodiscard]] auto authorization() const -> secret
    {
        return secret{"Authorization: Bearer " + std::string{value_.reveal()}};
    }

    friend auto operator==(const hub_key&, const hub_key&) -> bool = default;

private:
    explicit hub_key(secret value) : value_{std::move(value)} {}

    secret value_;
};

} // namespace felhom::hub
