#pragma once

#include <felhom/core/ascii.hpp>

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace felhom::durable {

/// A SHA-256 value.
struct digest {
    static constexpr std::size_t size = 32;
    static constexpr std::size_t digits = 2 * size;

    std::array<unsigned char, size> bytes{};

    friend auto operator==(const digest&, const digest&) -> bool = default;
};

[[nodiscard]] inline auto to_hex(const digest& value) -> std::string
{
    static constexpr auto alphabet = std::string_view{"0123456789abcdef"};
    auto text = std::string{};
    text.reserve(digest::digits);
    for (const auto byte : value.bytes) {
        text += alphabet[byte >> 4U];
        text += alphabet[byte & 0xfU];
    }
    return text;
}

/// Reads 64 lower-case hex digits.
[[nodiscard]] inline auto digest_from_hex(std::string_view text) -> std::optional<digest>
{
    if (text.size() != digest::digits) {
        return std::nullopt;
    }
    const auto worth = [](char c) -> unsigned {
        if (ascii::is_digit(c)) {
            return static_cast<unsigned>(c - '0');
        }
        return c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10U : 0x100U;
    };
    auto value = digest{};
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

/// The SHA-256 of some bytes. Nothing when OpenSSL refuses, which no caller may take for a digest.
[[nodiscard]] inline auto sha256(std::string_view bytes) -> std::optional<digest>
{
    auto value = digest{};
    const auto done = EVP_Digest(bytes.data(), bytes.size(), value.bytes.data(), nullptr, EVP_sha256(), nullptr) == 1;
    return done ? std::optional{value} : std::nullopt;
}

/// Computes the links of a hash chain: SHA-256 over the previous link and the text that follows it. One context serves
/// all links, since OpenSSL 3 looks the algorithm up anew, and slowly, for each one-shot call.
class chain {
public:
    /// Nothing when OpenSSL refuses, which no caller may take for a match.
    [[nodiscard]] auto link(const digest& previous, std::string_view text) -> std::optional<digest>
    {
        auto value = digest{};
        auto* const context = context_.get();
        if (context == nullptr || algorithm_ == nullptr || EVP_DigestInit_ex2(context, algorithm_.get(), nullptr) != 1
            || EVP_DigestUpdate(context, previous.bytes.data(), digest::size) != 1
            || EVP_DigestUpdate(context, text.data(), text.size()) != 1
            || EVP_DigestFinal_ex(context, value.bytes.data(), nullptr) != 1) {
            return std::nullopt;
        }
        return value;
    }

private:
    struct free_context {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    struct free_algorithm {
        void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
    };

    std::unique_ptr<EVP_MD, free_algorithm> algorithm_{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    std::unique_ptr<EVP_MD_CTX, free_context> context_{EVP_MD_CTX_new()};
};

} // namespace felhom::durable
