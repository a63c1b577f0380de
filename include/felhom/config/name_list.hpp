#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace felhom::config {

/// The parts of "a,b"; "none" has none.
[[nodiscard]] inline auto split_list(std::string_view text) -> std::vector<std::string>
{
    auto parts = std::vector<std::string>{};
    while (!text.empty() && text != "none") {
        const auto part = text.substr(0, text.find(','));
        text.remove_prefix(part.size() == text.size() ? part.size() : part.size() + 1);
        if (!part.empty()) {
            parts.emplace_back(part);
        }
    }
    return parts;
}

} // namespace felhom::config
