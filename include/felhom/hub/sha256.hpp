#pragma once

#include <felhom/durable/digest.hpp>

#include <openssl/evp.h>

#include <optional>
#include <string_view>

namespace felhom::hub {

/// The SHA-256 of a text; nothing when OpenSSL refuses, which no caller may take for a match.
[[nodiscard]] inline auto sha256_of(std::string_view text) -> std::optional<durable::digest>
{
    auto value = durable::digest{};
    const auto made = EVP_Digest(text.data(), text.size(), value.bytes.data(), nullptr, EVP_sha256(), nullptr) == 1;
    return made ? std::optional{value} : std::nullopt;
}

} // namespace felhom::hub
