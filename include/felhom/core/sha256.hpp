// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/hex.hpp>
#include <felhom/core/parse_error.hpp>

#include <openssl/evp.h>
#include <tl/expected.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace felhom {

/// A SHA-256 value.
struct sha256_digest {
    static constexpr std::size_t size = 32;
    static constexpr std::size_t digits = 2 * size;

    std::array<unsigned char, size> bytes{};

    friend auto operator==(const sha256_digest&, const sha256_digest&) -> bool = default;
};

[[nodiscard]] inline auto to_hex(const sha256_digest& value) -> std::string
{
    auto text = std::string{};
    text.reserve(sha256_digest::digits);
    for (const auto byte : value.bytes) {
        append_hex(text, byte);
    }
    return text;
}

/// Reads 64 lower-case hex digits.
[[nodiscard]] inline auto digest_from_hex(std::string_view text) -> std::optional<sha256_digest>
{
    if (text.size() != sha256_digest::digits) {
        return std::nullopt;
    }
    const auto worth = [](char c) -> unsigned {
        if (ascii::is_digit(c)) {
            return static_cast<unsigned>(c - '0');
        }
        return c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10U : 0x100U;
    };
    auto value = sha256_digest{};
    auto wrong = 0U;
    auto at = std::size_t{0};
    for (auto& byte : value.bytes) {
        const auto high = worth(text[at]);
        const auto low = worth(text[at + 1]);
        wrong |= (high | low) & 0x100U;
        byte = static_cast<unsigned char>(high << 4U | low);
        at += 2;
    }
    return wrong == 0 ? std::optional{value} : std::nullopt;
}

/// The same for those who tell what is wrong.
[[nodiscard]] inline auto parse_digest(std::string_view text) -> tl::expected<sha256_digest, parse_error>
{
    const auto read = digest_from_hex(text);
    if (!read) {
        return tl::unexpected(
            parse_error{.what = "SHA-256", .rule = "64 lower-case hex digits", .got = std::string{text}});
    }
    return *read;
}

/// The SHA-256 of some bytes. Nothing when OpenSSL refuses, which no caller may take for a digest.
[[nodiscard]] inline auto sha256(std::string_view bytes) -> std::optional<sha256_digest>
{
    auto value = sha256_digest{};
    const auto done = EVP_Digest(bytes.data(), bytes.size(), value.bytes.data(), nullptr, EVP_sha256(), nullptr) == 1;
    return done ? std::optional{value} : std::nullopt;
}

} // namespace felhom
