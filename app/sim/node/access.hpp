// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/api/answer.hpp"
#include "sim/api/api_schema.hpp"

#include <felhom/core/instant.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace felhom::sim {

/// An API token: "felhom@pve!agent" and its secret. Its rights are those of its own ACL entries which its user has too,
/// or, without privilege separation, its user's.
struct token {
    std::string id;
    std::string secret;
    bool separated = true;
    std::optional<instant> expires = std::nullopt;
};

/// Who calls.
struct identity {
    std::string user;  ///< "felhom@pve"
    std::string token; ///< "agent"; empty for the user itself
    bool separated;

    [[nodiscard]] auto text() const -> std::string { return token.empty() ? user : user + "!" + token; }
};

/// One line of the access control list: a role for a user ("felhom@pve") or a token ("felhom@pve!agent") on a path.
struct acl_entry {
    std::string path;
    std::string who;
    std::string role;
    bool propagate = true;
};

/// Users, tokens, roles and who has which. The user root@pam may do everything; its tokens are not root@pam.
struct access_table {
    std::map<std::string, std::set<std::string, std::less<>>, std::less<>> roles;
    std::vector<acl_entry> entries;
    std::vector<token> tokens;

    /// The caller behind an Authorization header, or 401 in PVE's words.
    [[nodiscard]] auto authenticate(std::optional<std::string_view> authorization, instant now) const
        -> tl::expected<identity, refusal>;

    [[nodiscard]] auto grants(const identity& by, std::string_view path, std::string_view privilege) const -> bool;

    /// 403 unless the check holds.
    [[nodiscard]] auto require(const identity& by, const needed_privileges& needed) const
        -> tl::expected<void, refusal>;

    /// GET /access/permissions: privileges by path, for one path or for the usual ones.
    [[nodiscard]] auto permissions(const identity& by, const std::optional<std::string>& path) const -> json::object;

private:
    /// The roles of a user or token on a path: those of its deepest entry that reaches there.
    [[nodiscard]] auto roles_at(std::string_view who, std::string_view path) const -> std::vector<std::string_view>;
    [[nodiscard]] auto has(std::string_view who, std::string_view path, std::string_view privilege) const -> bool;
};

/// The roles of the test tokens: an agent's, the same without VM.Config.Options, PVEAuditor.
[[nodiscard]] auto usual_roles() -> decltype(access_table::roles);

} // namespace felhom::sim
