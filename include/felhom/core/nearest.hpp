// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

namespace felhom {

/// How many single-character edits part two names (Levenshtein).
[[nodiscard]] inline auto edit_distance(std::string_view a, std::string_view b) -> std::size_t
{
    auto row = std::vector<std::size_t>(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (const auto from : a) {
        auto diagonal = row.front()++;
        for (auto at = std::size_t{1}; at <= b.size(); ++at) {
            const auto replaced = diagonal + (from == b[at - 1] ? 0 : 1);
            diagonal = row[at];
            row[at] = std::min({row[at] + 1, row[at - 1] + 1, replaced});
        }
    }
    return row.back();
}

/// The known name that was probably meant; empty when none is near.
[[nodiscard]] inline auto nearest(std::string_view name, std::span<const std::string_view> known) -> std::string_view
{
    auto best = std::string_view{};
    auto least = (name.size() / 2) + 1; // more edits than that are no typing error
    for (const auto candidate : known) {
        const auto distance = edit_distance(name, candidate);
        if (distance < least) {
            least = distance;
            best = candidate;
        }
    }
    return best;
}

} // namespace felhom
