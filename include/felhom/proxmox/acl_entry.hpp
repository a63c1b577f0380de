#pragma once

#include <felhom/proxmox/reply_node.hpp>

#include <tl/expected.hpp>

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
[[nodiscard]] constexpr auto text_of(acl_entry::holder kind) -> std::string_view
{
    switch (kind) {
    case acl_entry::holder::user:
        return "user";
    case acl_entry::holder::group:
        return "group";
    case acl_entry::holder::token:
        return "token";
    }
    return {};
}

/// The answer to read::acl.
[[nodiscard]] inline auto decode_acl(const reply_node& data) -> tl::expected<std::vector<acl_entry>, decode_error>
{
    return decode_each(data, [](const reply_node& row) -> tl::expected<acl_entry, decode_error> {
        auto fields = reply_record{row};
        auto entry = acl_entry{.path = fields.text("path"),
                               .kind = acl_entry::holder::user,
                               .who = fields.text("ugid"),
                               .role = fields.text("roleid")};
        const auto kind = fields.text("type");
        if (kind == "group") {
            entry.kind = acl_entry::holder::group;
        } else if (kind == "token") {
            entry.kind = acl_entry::holder::token;
        } else if (kind != "user") {
            return tl::unexpected(row["type"].fail(R"("user", "group" or "token")"));
        }
        return std::move(fields).yield(std::move(entry));
    });
}

} // namespace felhom::proxmox
