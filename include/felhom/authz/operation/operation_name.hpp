// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace felhom::authz {

/// The names on the wire of the operations that can be signed.
namespace operation_name {
inline constexpr auto destroy = std::string_view{"guest.destroy"};
inline constexpr auto rollback = std::string_view{"guest.rollback"};
inline constexpr auto delete_snapshot = std::string_view{"guest.delete_snapshot"};
inline constexpr auto restore = std::string_view{"guest.restore"};
inline constexpr auto set_config = std::string_view{"guest.set_config"};
inline constexpr auto stop = std::string_view{"guest.stop"};
inline constexpr auto resize = std::string_view{"guest.resize"};
inline constexpr auto backup_delete = std::string_view{"backup.delete"};
} // namespace operation_name

/// All of them, for whoever must name one. What they do is for those who carry them out.
inline constexpr auto operation_names =
    std::array{operation_name::destroy, operation_name::rollback,     operation_name::delete_snapshot,
               operation_name::restore, operation_name::set_config,   operation_name::stop,
               operation_name::resize,  operation_name::backup_delete};

/// Those that must say which configuration their signer saw, where nobody says of which that is demanded.
inline constexpr auto digest_required_for = std::array{operation_name::destroy, operation_name::restore};

/// Whether a text can name an operation.
[[nodiscard]] inline auto is_operation_name(std::string_view name) -> bool
{
    static constexpr auto longest = std::size_t{64};
    return !name.empty() && name.size() <= longest && std::ranges::all_of(name, [](char c) {
        return ascii::is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
    });
}

} // namespace felhom::authz
