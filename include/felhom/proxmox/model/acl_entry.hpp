// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace felhom::proxmox {

/// One entry of the access control list: a role at a path.
struct acl_entry {
    enum class holder : std::uint8_t { user, group, token };

    std::string path;
    holder kind;
    std::string who; ///< "felhom@pve!agent"
    std::string role;

    friend auto operator==(const acl_entry&, const acl_entry&) -> bool = default;
};

/// The role that overrides every other at its path (pve-access-control AccessControl.pm, roles).
inline constexpr auto no_access = std::string_view{"NoAccess"};

/// As Proxmox VE writes it.
inline constexpr auto acl_entry_holder_words =
    enum_table{std::array{enum_word{acl_entry::holder::user, "user"}, enum_word{acl_entry::holder::group, "group"},
                          enum_word{acl_entry::holder::token, "token"}}};

[[nodiscard]] constexpr auto text_of(acl_entry::holder kind) -> std::string_view
{
    return acl_entry_holder_words.text_of(kind);
}

} // namespace felhom::proxmox
