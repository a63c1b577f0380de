// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <iterator>
#include <ranges>

namespace felhom {

/// Whether a value stands in a range: C++23's std::ranges::contains.
template <typename Range, typename Value, typename Projection = std::identity>
    requires std::ranges::input_range<const Range>
             && std::indirect_binary_predicate<
                 std::ranges::equal_to, std::projected<std::ranges::iterator_t<const Range>, Projection>, const Value*>
[[nodiscard]] constexpr auto contains(const Range& range, const Value& value, Projection projection = {}) -> bool
{
    return std::ranges::find(range, value, projection) != std::ranges::end(range);
}

} // namespace felhom
