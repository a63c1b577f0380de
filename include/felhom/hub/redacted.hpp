#pragma once

#include <felhom/core/secret.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace felhom::hub {

/// A text of the hub's without the key that it was sent: a hub that repeats the key would else bring it into errors,
/// logs and files. A key too short to be one is left alone, for it may stand anywhere by chance.
[[nodiscard]] inline auto redacted(std::string text, const secret& key) -> std::string
{
    static constexpr auto shortest = std::size_t{8};
    static constexpr auto shown = std::string_view{"<redacted>"};
    const auto hidden = key.reveal();
    if (hidden.size() < shortest) {
        return text;
    }
    for (auto at = text.find(hidden); at != std::string::npos; at = text.find(hidden, at + shown.size())) {
        text.replace(at, hidden.size(), shown);
    }
    return text;
}

} // namespace felhom::hub
