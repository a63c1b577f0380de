// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

// OpenSSL speaks of unsigned char, texts and JSON of char; either may alias the other.
namespace felhom::authz {

/// The same bytes as OpenSSL wants to read them.
[[nodiscard]] inline auto octets(std::string_view bytes) -> std::span<const unsigned char>
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL takes octets, and char's are the same ones
    return {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()};
}

/// The same bytes as OpenSSL wants to write them.
[[nodiscard]] inline auto writable_octets(std::span<char> bytes) -> std::span<unsigned char>
{
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as above
    return {reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()};
}

} // namespace felhom::authz
