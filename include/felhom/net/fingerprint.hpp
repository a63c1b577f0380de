#pragma once

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
            const auto high = value_of(rest[0]);
            const auto low = value_of(rest[1]);
            rest.remove_prefix(2);
            byte = static_cast<std::uint8_t>((high * base) + low);
            legal = legal && high < base && low < base && (!with_colons || rest.empty() || rest.front() == ':');
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
        static constexpr auto digits = std::string_view{"0123456789ABCDEF"};
        auto shown = std::string{};
        shown.reserve(3 * size);
        for (const auto byte : bytes_) {
            shown += shown.empty() ? "" : ":";
            shown += digits[byte / base];
            shown += digits[byte % base];
        }
        return shown;
    }

    friend auto operator<=>(const fingerprint&, const fingerprint&) = default;

private:
    static constexpr unsigned base = 16;

    [[nodiscard]] static constexpr auto value_of(char hex) -> unsigned
    {
        if (hex >= '0' && hex <= '9') {
            return static_cast<unsigned>(hex - '0');
        }
        if (hex >= 'a' && hex <= 'f') {
            return static_cast<unsigned>(hex - 'a') + 10;
        }
        if (hex >= 'A' && hex <= 'F') {
            return static_cast<unsigned>(hex - 'A') + 10;
        }
        return base;
    }

    digest bytes_;
};

} // namespace felhom::net
