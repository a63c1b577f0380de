// SPDX-License-Identifier: Apache-2.0
#include "sim/node/access.hpp"

#include "sim/api/text.hpp"

#include <felhom/core/contains.hpp>

#include <algorithm>
#include <array>

namespace felhom::sim {

namespace {

constexpr auto no_access = std::string_view{"NoAccess"};

auto unauthorized(std::string reason) -> tl::unexpected<refusal>
{
    return tl::unexpected(refusal{.status = 401, .message = std::move(reason)});
}

auto reaches(const acl_entry& entry, std::string_view path) -> bool
{
    if (entry.path == path) {
        return true;
    }
    return entry.propagate && (entry.path == "/" || path.starts_with(entry.path + "/"));
}

} // namespace

auto access_table::authenticate(std::optional<std::string_view> authorization, instant now) const
    -> tl::expected<identity, refusal>
{
    static constexpr auto scheme = std::string_view{"PVEAPIToken"};
    const auto header = authorization.value_or("");
    const auto separator = header.substr(0, scheme.size() + 1).substr(std::min(header.size(), scheme.size()));
    if (!header.starts_with(scheme) || (separator != "=" && separator != " ")) {
        return unauthorized("No ticket");
    }
    const auto value = percent_decoded(header.substr(scheme.size() + 1));
    const auto equals = value.rfind('=');
    const auto id = value.substr(0, equals);
    const auto found = std::ranges::find(tokens, id, &token::id);
    if (equals == std::string::npos || found == tokens.end() || found->secret != value.substr(equals + 1)
        || found->expires.value_or(instant::max()) <= now) {
        return unauthorized("Authentication failed!");
    }
    const auto bang = id.find('!');
    return identity{.user = id.substr(0, bang), .token = id.substr(bang + 1), .separated = found->separated};
}

auto access_table::roles_at(std::string_view who, std::string_view path) const -> std::vector<std::string_view>
{
    auto deepest = std::size_t{0};
    auto found = std::vector<std::string_view>{};
    for (const auto& entry : entries) {
        if (entry.who != who || !reaches(entry, path) || entry.path.size() < deepest) {
            continue;
        }
        if (entry.path.size() > deepest) {
            found.clear();
            deepest = entry.path.size();
        }
        found.push_back(entry.role);
    }
    if (contains(found, no_access)) { // it overrides every other role at its path
        return {no_access};
    }
    return found;
}

auto access_table::has(std::string_view who, std::string_view path, std::string_view privilege) const -> bool
{
    if (who == "root@pam") {
        return true;
    }
    return std::ranges::any_of(roles_at(who, path), [&](std::string_view role) {
        const auto found = roles.find(role);
        return found != roles.end() && found->second.contains(privilege);
    });
}

auto access_table::grants(const identity& by, std::string_view path, std::string_view privilege) const -> bool
{
    return has(by.user, path, privilege) && (!by.separated || has(by.text(), path, privilege));
}

auto access_table::require(const identity& by, const needed_privileges& needed) const -> tl::expected<void, refusal>
{
    const auto granted = [&](const std::string& privilege) { return grants(by, needed.path, privilege); };
    if (needed.any) {
        if (std::ranges::any_of(needed.privileges, granted)) {
            return {};
        }
        return forbidden(needed.path + ", " + joined(needed.privileges, "|"));
    }
    for (const auto& privilege : needed.privileges) {
        if (!granted(privilege)) {
            return forbidden(needed.path + ", " + privilege);
        }
    }
    return {};
}

auto access_table::permissions(const identity& by, const std::optional<std::string>& path) const -> json::object
{
    auto paths = std::set<std::string>{"/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"};
    for (const auto& entry : entries) {
        paths.insert(entry.path);
    }
    if (path) {
        paths = {*path};
    }
    auto all = std::set<std::string, std::less<>>{};
    for (const auto& [name, privileges] : roles) {
        all.insert(privileges.begin(), privileges.end());
    }
    auto view = json::object{};
    for (const auto& at : paths) {
        auto granted = json::object{};
        for (const auto& privilege : all) {
            if (grants(by, at, privilege)) {
                granted[privilege] = 1;
            }
        }
        if (!granted.empty()) {
            view[at] = std::move(granted);
        }
    }
    return view;
}

auto usual_roles() -> decltype(access_table::roles)
{
    auto agent = std::set<std::string, std::less<>>{"Datastore.Allocate", "Datastore.AllocateSpace",
                                                    "Datastore.Audit",    "SDN.Use",
                                                    "Sys.Audit",          "VM.Allocate",
                                                    "VM.Audit",           "VM.Backup",
                                                    "VM.Config.CPU",      "VM.Config.Disk",
                                                    "VM.Config.Memory",   "VM.Config.Network",
                                                    "VM.PowerMgmt",       "VM.Config.Options",
                                                    "VM.Snapshot",        "VM.Snapshot.Rollback"};
    auto without_options = agent;
    without_options.erase("VM.Config.Options");
    return {{"FelhomAgent", std::move(agent)},
            {"FelhomNoOpts", std::move(without_options)},
            {"PVEAuditor", {"Datastore.Audit", "Mapping.Audit", "Pool.Audit", "SDN.Audit", "Sys.Audit", "VM.Audit"}}};
}

} // namespace felhom::sim
