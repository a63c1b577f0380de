// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// UTF-8 as RFC 3629 has it, for texts that nobody vouches for.
namespace felhom::utf8 {

/// A character at the front of a text. Its size is 0 when there is none: an overlong form, a surrogate, a sequence that
/// is cut or never began.
struct character {
    std::uint32_t code = 0;
    std::size_t size = 0;

    friend auto operator==(const character&, const character&) -> bool = default;
};

[[nodiscard]] constexpr auto first_of(std::string_view text) -> character
{
    struct form {
        std::uint32_t mask;  ///< of the first byte's bits that say how many follow
        std::uint32_t lead;  ///< what they are
        std::uint32_t least; ///< anything below has a shorter form
        std::size_t size;
    };
    constexpr auto forms = std::array{form{0x80U, 0x00U, 0x00U, 1}, form{0xE0U, 0xC0U, 0x80U, 2},
                                      form{0xF0U, 0xE0U, 0x800U, 3}, form{0xF8U, 0xF0U, 0x10000U, 4}};
    if (text.empty()) {
        return {};
    }
    const auto lead = std::uint32_t{static_cast<unsigned char>(text.front())};
    for (const auto& of : forms) {
        if ((lead & of.mask) != of.lead || text.size() < of.size) {
            continue;
        }
        auto code = lead & ~of.mask;
        auto whole = true;
        for (const auto c : text.substr(1, of.size - 1)) {
            const auto byte = std::uint32_t{static_cast<unsigned char>(c)};
            whole = whole && (byte & 0xC0U) == 0x80U;
            code = (code << 6U) | (byte & 0x3FU);
        }
        const auto surrogate = code >= 0xD800U && code <= 0xDFFFU;
        return whole && code >= of.least && !surrogate && code <= 0x10FFFFU ? character{code, of.size} : character{};
    }
    return {};
}

/// How many characters a text has; a byte that belongs to none counts as one.
[[nodiscard]] constexpr auto count(std::string_view text) -> std::size_t
{
    auto number = std::size_t{0};
    while (!text.empty()) {
        const auto size = first_of(text).size;
        text.remove_prefix(size == 0 ? 1 : size);
        ++number;
    }
    return number;
}

/// The text with U+FFFD in the place of every byte that belongs to no character.
[[nodiscard]] inline auto repaired(std::string_view text) -> std::string
{
    auto whole = std::string{};
    whole.reserve(text.size());
    while (!text.empty()) {
        const auto size = first_of(text).size;
        if (size == 0) {
            whole += "\xEF\xBF\xBD";
        } else {
            whole += text.substr(0, size);
        }
        text.remove_prefix(size == 0 ? 1 : size);
    }
    return whole;
}

} // namespace felhom::utf8
