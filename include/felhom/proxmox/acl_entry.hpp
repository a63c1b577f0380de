#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/proxmox/reply_node.hpp>

#include <tl/expected.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

/// The answer to read::acl.
[[nodiscard]] inline auto decode_acl(const reply_node& data) -> tl::expected<std::vector<acl_entry>, decode_error>
{
    return read_each(data, [](const reply_node& row) -> tl::expected<acl_entry, decode_error> {
        auto fields = reply_record{row};
        const auto kind = acl_entry_holder_words.parse(fields.text("type"));
        if (!kind) {
            return tl::unexpected(row["type"].fail(acl_entry_holder_words.choices()));
        }
        auto entry = acl_entry{
            .path = fields.text("path"), .kind = *kind, .who = fields.text("ugid"), .role = fields.text("roleid")};
        return std::move(fields).finish(std::move(entry));
    });
}

} // namespace felhom::proxmox
