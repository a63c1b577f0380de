// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/hex.hpp>

#include <string>
#include <string_view>

namespace felhom::proxmox {

/// Percent-encodes every byte but the unreserved characters of RFC 3986, section 2.3. Proxmox VE splits forms at `&`,
/// `;` and `=` before it decodes (pve-http-server AnyEvent.pm), so none of them may stand for itself in a value.
[[nodiscard]] inline auto percent_encode(std::string_view text) -> std::string
{
    auto encoded = std::string{};
    encoded.reserve(text.size());
    for (const auto c : text) {
        if (ascii::is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            encoded += c;
            continue;
        }
        encoded += '%';
        append_hex(encoded, static_cast<unsigned char>(c), hex_letters::upper);
    }
    return encoded;
}

} // namespace felhom::proxmox
