// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
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

/// Such a text of these names, as a constant.
template <const auto& Names>
inline constexpr auto joined = [] {
    constexpr auto longest = std::size_t{256};
    auto text = std::array<char, longest>{};
    auto* end = text.begin();
    for (const auto name : Names) {
        end = std::ranges::copy(std::string_view{end == text.begin() ? "" : ","}, end).out;
        end = std::ranges::copy(name, end).out;
    }
    return text;
}();

} // namespace felhom::config
