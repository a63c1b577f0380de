// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

namespace felhom {

/// How many values a document may hold for its length: a value takes up to ten times the memory of the shortest text
/// that makes one, so that a limit on bytes alone bounds little. Scalars, arrays and objects count alike.
struct json_value_limit {
    std::size_t bytes_each = 16; ///< of the document, for each value
    std::size_t least = 10'000;  ///< that any document may hold

    [[nodiscard]] constexpr auto most_in(std::size_t bytes) const -> std::size_t
    {
        return std::max(least, bytes / bytes_each);
    }
};

/// So many elements may stand in one array, and so many members in one object.
inline constexpr auto most_json_elements = std::size_t{1} << 16U;

namespace detail {

[[nodiscard]] inline auto too_many_values(const json_value_limit& limit, std::size_t bytes) -> std::string
{
    return "more than " + std::to_string(limit.most_in(bytes)) + " values, the most that are read of "
           + std::to_string(bytes) + " bytes (one for " + std::to_string(limit.bytes_each) + " bytes, at least "
           + std::to_string(limit.least) + ")";
}

[[nodiscard]] inline auto too_many_elements(const char* where) -> std::string
{
    return "more than " + std::to_string(most_json_elements) + " " + where + ", the most that are read";
}

} // namespace detail

} // namespace felhom
