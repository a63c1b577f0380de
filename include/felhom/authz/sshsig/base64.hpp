// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/sshsig/octets.hpp>

#include <openssl/evp.h>
#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace felhom::authz {

/// A text that is not the one base64 spelling of some bytes.
struct base64_error {
    std::size_t offset;
    std::string reason;

    friend auto operator==(const base64_error&, const base64_error&) -> bool = default;
};

[[nodiscard]] inline auto encode_base64(std::string_view bytes) -> std::string
{
    auto text = std::string(((bytes.size() + 2) / 3 * 4) + 1, '\0'); // EVP_EncodeBlock writes a NUL as well
    const auto size =
        EVP_EncodeBlock(writable_octets(text).data(), octets(bytes).data(), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

namespace detail {

/// Says whether `text` is what encoding `bytes` gives, piece by piece and without another buffer of their size.
[[nodiscard]] inline auto encodes_to(std::string_view bytes, std::string_view text) -> bool
{
    static constexpr auto piece = std::size_t{48};
    auto encoded = std::array<char, (piece / 3 * 4) + 1>{};
    while (!bytes.empty()) {
        const auto taken = bytes.substr(0, piece);
        const auto size =
            EVP_EncodeBlock(writable_octets(encoded).data(), octets(taken).data(), static_cast<int>(taken.size()));
        const auto expected = std::string_view{encoded.data(), static_cast<std::size_t>(size)};
        if (!text.starts_with(expected)) {
            return false;
        }
        bytes.remove_prefix(taken.size());
        text.remove_prefix(expected.size());
    }
    return text.empty();
}

[[nodiscard]] inline auto why_not_base64(std::string_view text) -> base64_error
{
    static constexpr auto alphabet =
        std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"};
    const auto digits = text.substr(0, text.find_last_not_of('=') + 1);
    if (const auto at = digits.find_first_not_of(alphabet); at != std::string_view::npos) {
        return {.offset = at, .reason = "a character that is no base64 digit"};
    }
    if (text.size() % 4 != 0 || text.size() - digits.size() > 2) {
        return {.offset = digits.size(), .reason = "missing or excess padding"};
    }
    return {.offset = digits.size() - 1, .reason = "bits that are not zero before the padding"};
}

} // namespace detail

/// Decodes base64 of which every character counts: no blanks, exact padding, no stray bits. EVP_DecodeBlock is lenient
/// in all of these, so its answer must encode to the text again.
[[nodiscard]] inline auto decode_base64(std::string_view text) -> tl::expected<std::vector<char>, base64_error>
{
    static constexpr auto longest = std::size_t{1} << 24U; // OpenSSL counts in int
    if (text.size() > longest) {
        return tl::unexpected(base64_error{.offset = longest, .reason = "too much text"});
    }
    auto bytes = std::vector<char>(text.size() / 4 * 3);
    const auto padding = text.size() - std::min(text.size(), text.find_last_not_of('=') + 1);
    if (text.size() % 4 != 0 || padding > 2
        || (!text.empty()
            && EVP_DecodeBlock(writable_octets(bytes).data(), octets(text).data(), static_cast<int>(text.size()))
                   < 0)) {
        return tl::unexpected(detail::why_not_base64(text));
    }
    bytes.resize(bytes.size() - padding);
    if (!detail::encodes_to({bytes.data(), bytes.size()}, text)) {
        return tl::unexpected(detail::why_not_base64(text));
    }
    return bytes;
}

} // namespace felhom::authz
