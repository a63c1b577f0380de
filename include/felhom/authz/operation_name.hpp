#pragma once

#include <felhom/core/ascii.hpp>

#include <range/v3/algorithm/all_of.hpp>

#include <cstddef>
#include <string_view>

namespace felhom::authz {

/// Whether a text can name an operation: "guest.destroy". Which names mean something is for those who carry them out.
[[nodiscard]] inline auto is_operation_name(std::string_view name) -> bool
{
    static constexpr auto longest = std::size_t{64};
    return !name.empty() && name.size() <= longest && ranges::all_of(name, [](char c) {
        return ascii::is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
    });
}

} // namespace felhom::authz
