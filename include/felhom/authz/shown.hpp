// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/hex.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace felhom::authz {

/// Received bytes made fit for an error message: quoted, printable ASCII as it is, all else escaped, cut when long.
[[nodiscard]] inline auto shown(std::string_view bytes) -> std::string
{
    static constexpr auto longest = std::size_t{64};
    auto text = std::string{"\""};
    for (const auto c : bytes.substr(0, longest)) {
        if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
            text += c;
        } else {
            text += "\\x";
            append_hex(text, static_cast<unsigned char>(c));
        }
    }
    text += '"';
    if (bytes.size() > longest) {
        text += " and " + std::to_string(bytes.size() - longest) + " bytes more";
    }
    return text;
}

} // namespace felhom::authz
