#pragma once

#include <felhom/core/ascii.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace felhom::authz {

/// The operations that can be signed, for whoever must name one of them. What they do is for those who carry them out.
inline constexpr auto operation_names = std::array{
    std::string_view{"guest.destroy"}, std::string_view{"guest.rollback"},   std::string_view{"guest.delete_snapshot"},
    std::string_view{"guest.restore"}, std::string_view{"guest.set_config"}, std::string_view{"guest.stop"},
    std::string_view{"backup.delete"}};

/// Whether a text can name an operation: "guest.destroy".
[[nodiscard]] inline auto is_operation_name(std::string_view name) -> bool
{
    static constexpr auto longest = std::size_t{64};
    return !name.empty() && name.size() <= longest && std::ranges::all_of(name, [](char c) {
        return ascii::is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
    });
}

} // namespace felhom::authz
