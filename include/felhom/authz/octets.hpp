#pragma once

#include <span>
#include <string_view>

// OpenSSL speaks of unsigned char, texts and JSON of char; either may alias the other.
namespace felhom::authz {

/// The same bytes as OpenSSL wants to read them.
[[nodiscard]] inline auto octets(std::string_view bytes) -> std::span<const unsigned char>
{
    return {reinterpret_cast<const unsigned char*>(bytes.data()), // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
            bytes.size()};
}

/// The same bytes as OpenSSL wants to write them.
[[nodiscard]] inline auto writable_octets(std::span<char> bytes) -> std::span<unsigned char>
{
    return {reinterpret_cast<unsigned char*>(bytes.data()), // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast)
            bytes.size()};
}

} // namespace felhom::authz
