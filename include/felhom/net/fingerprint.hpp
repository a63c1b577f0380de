// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/hex.hpp>
#include <felhom/core/parse_error.hpp>

#include <tl/expected.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace felhom::net {

/// The SHA-256 of a server's leaf certificate in DER form: what `openssl x509 -fingerprint -sha256` and PVE show.
class fingerprint {
public:
    static constexpr std::size_t size = 32;
    using digest = std::array<std::uint8_t, size>;

    constexpr explicit fingerprint(const digest& sha256) : bytes_{sha256} {}

    /// Reads 32 pairs of hexadecimal digits of either case, with a colon between all pairs or between none.
    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<fingerprint, parse_error>
    {
        const auto with_colons = text.size() == (3 * size) - 1;
        auto bytes = digest{};
        auto legal = with_colons || text.size() == 2 * size;
        auto rest = legal ? text : std::string_view{};
        for (auto& byte : bytes) {
            if (rest.size() < 2) {
                break;
            }
            const auto high = hex_value(rest[0]);
            const auto low = hex_value(rest[1]);
            rest.remove_prefix(2);
            byte = static_cast<std::uint8_t>((high.value_or(0) << 4U) + low.value_or(0));
            legal = legal && high && low && (!with_colons || rest.empty() || rest.front() == ':');
            rest.remove_prefix(with_colons && !rest.empty() ? 1 : 0);
        }
        if (!legal) {
            return tl::unexpected(parse_error{.what = "certificate fingerprint",
                                              .rule = "the SHA-256 as 32 hexadecimal pairs, with or without colons",
                                              .got = std::string{text}});
        }
        return fingerprint{bytes};
    }

    [[nodiscard]] constexpr auto bytes() const -> const digest& { return bytes_; }

    /// Upper-case pairs joined by colons.
    [[nodiscard]] auto text() const -> std::string
    {
        auto shown = std::string{};
        shown.reserve(3 * size);
        for (const auto byte : bytes_) {
            shown += shown.empty() ? "" : ":";
            append_hex(shown, byte, hex_letters::upper);
        }
        return shown;
    }

    friend auto operator<=>(const fingerprint&, const fingerprint&) = default;

private:
    digest bytes_;
};

} // namespace felhom::net
