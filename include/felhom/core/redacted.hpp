// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/secret.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace felhom {

/// A text of a server's without the secret that it was sent: one that repeats it would else bring it into errors, logs
/// and files. A secret too short to be one is left alone, for it may stand anywhere by chance.
[[nodiscard]] inline auto redacted(std::string text, const secret& sent) -> std::string
{
    static constexpr auto shortest = std::size_t{8};
    static constexpr auto shown = std::string_view{"<redacted>"};
    const auto hidden = sent.reveal();
    if (hidden.size() < shortest) {
        return text;
    }
    for (auto at = text.find(hidden); at != std::string::npos; at = text.find(hidden, at + shown.size())) {
        text.replace(at, hidden.size(), shown);
    }
    return text;
}

} // namespace felhom
