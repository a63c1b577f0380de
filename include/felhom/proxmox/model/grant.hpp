// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/hex.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/proxmox/api/token_id.hpp>
#include <felhom/proxmox/errors/refusal.hpp>
#include <felhom/proxmox/model/acl_entry.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::proxmox {

/// A text as one word of a POSIX shell.
[[nodiscard]] inline auto shell_word(std::string_view text, bool always_quoted = false) -> std::string
{
    const auto plain = [](char c) {
        return ascii::is_alphanumeric(c) || std::string_view{"/._-,"}.find(c) != std::string_view::npos;
    };
    if (!always_quoted && !text.empty() && std::ranges::all_of(text, plain)) {
        return std::string{text};
    }
    auto quoted = std::string{"'"};
    for (const auto c : text) {
        quoted += c == '\'' ? std::string{"'\\''"} : std::string{c};
    }
    return quoted + "'";
}

/// Of privileges of which any would do, the one to grant: a change of a configuration needs one of VM.Config.*, and of
/// those Options allows the least harm.
[[nodiscard]] inline auto least_of(const std::vector<std::string>& any_of) -> const std::string&
{
    const auto options = std::ranges::find(any_of, "VM.Config.Options");
    return options == any_of.end() ? any_of.front() : *options;
}

/// Privileges, each once and in order.
class privilege_set {
public:
    explicit privilege_set(std::vector<std::string> names) : names_{std::move(names)}
    {
        std::ranges::sort(names_);
        const auto rest = std::ranges::unique(names_);
        names_.erase(rest.begin(), rest.end());
    }

    [[nodiscard]] auto names() const -> const std::vector<std::string>& { return names_; }
    [[nodiscard]] auto contains(const privilege_set& others) const -> bool
    {
        return std::ranges::includes(names_, others.names_);
    }
    [[nodiscard]] auto with(const privilege_set& others) const -> privilege_set
    {
        auto both = names_;
        both.insert(both.end(), others.names_.begin(), others.names_.end());
        return privilege_set{std::move(both)};
    }
    [[nodiscard]] auto joined(std::string_view separator) const -> std::string
    {
        auto text = std::string{};
        for (const auto& name : names_) {
            text += (text.empty() ? std::string_view{} : separator);
            text += name;
        }
        return text;
    }

    friend auto operator<=>(const privilege_set&, const privilege_set&) = default;

private:
    std::vector<std::string> names_;
};

/// The role that is made of just these privileges. Its name says which they are, so that no two sets share one and a
/// role that is there already is the right one.
[[nodiscard]] inline auto role_of(const privilege_set& privileges) -> std::string
{
    auto role = std::string{"Felhom"};
    for (const auto& name : privileges.names()) {
        role += '_';
        for (const auto c : name) {
            if (ascii::is_alphanumeric(c) || c == '.') {
                role += c;
            } else {
                role += '-';
                append_hex(role, static_cast<unsigned char>(c));
            }
        }
    }
    return role;
}

/// One role at one or more paths.
struct role_grant {
    std::vector<std::string> paths;
    privilege_set privileges;
};

namespace detail {

/// `pveum acl WHAT PATH REST`, for each path; so many in one line as a shell and a reader can bear.
[[nodiscard]] inline auto acl_lines(std::string_view what, std::span<const std::string> paths, const std::string& rest)
    -> std::vector<std::string>
{
    static constexpr auto most = std::size_t{60};
    const auto command = "pveum acl " + std::string{what} + " ";
    auto lines = std::vector<std::string>{};
    if (paths.size() == 1) {
        lines.push_back(command + shell_word(paths.front()) + rest);
        return lines;
    }
    for (auto at = std::size_t{0}; at < paths.size(); at += most) {
        auto line = std::string{"for path in"};
        for (const auto& path : paths.subspan(at, std::min(most, paths.size() - at))) {
            line += " " + shell_word(path);
        }
        line += "; do ";
        line += command;
        line += "\"$path\"";
        line += rest;
        line += "; done";
        lines.push_back(std::move(line));
    }
    return lines;
}

} // namespace detail

/// The commands, to be run by root on a node, that grant a token a role.
///
/// Proxmox VE grants roles, not privileges, and an entry at a path REPLACES what is inherited from the paths above it
/// (pve-access-control AccessControl.pm, roles). So the role must be made of the missing privileges and of those that
/// the token holds on each of the paths now. A token with separated privileges has no more than its owner, so the owner
/// may need the role too; root@pam has every privilege.
[[nodiscard]] inline auto grant_lines(const role_grant& grant, const token_id& token) -> std::vector<std::string>
{
    const auto role = role_of(grant.privileges);
    const auto of_owner = token.user() == "root@pam"
                              ? std::string{}
                              : " # where the owner lacks it too, the same with --users "
                                    + shell_word(token.user(), true) + ", who keeps there only what the role holds";
    auto lines = std::vector{"pveum role add " + role + " --privs " + shell_word(grant.privileges.joined(","))};
    for (auto& line :
         detail::acl_lines("modify", grant.paths, " --tokens " + shell_word(token.text(), true) + " --roles " + role)) {
        lines.push_back(std::move(line) + of_owner);
    }
    return lines;
}

/// The commands that grant a token what it lacks on one path; `held` is what it holds there now, as read::permissions
/// told, and must not be guessed.
[[nodiscard]] inline auto grant_lines(const missing_privilege& missing, const token_id& token,
                                      std::vector<std::string> held) -> std::vector<std::string>
{
    if (missing.any_of.empty()) {
        return {};
    }
    held.push_back(least_of(missing.any_of));
    return grant_lines({.paths = {missing.path}, .privileges = privilege_set{std::move(held)}}, token);
}

/// The commands that take entries away again, so that what is granted there or above holds.
[[nodiscard]] inline auto removal_lines(std::vector<acl_entry> entries) -> std::vector<std::string>
{
    const auto whom = [](const acl_entry& entry) {
        return " --" + std::string{text_of(entry.kind)} + "s " + shell_word(entry.who, true) + " --roles "
               + shell_word(entry.role);
    };
    std::ranges::sort(entries, {}, [&whom](const acl_entry& entry) { return std::pair{whom(entry), entry.path}; });
    auto lines = std::vector<std::string>{};
    for (auto from = entries.begin(); from != entries.end();) {
        auto paths = std::vector<std::string>{};
        const auto rest = whom(*from);
        const auto* const remark = from->role == no_access
                                       ? " # after the grant: NoAccess overrides what is granted there and above"
                                       : " # after the grant: an entry there replaces what comes from above";
        for (; from != entries.end() && whom(*from) == rest; ++from) {
            paths.push_back(from->path);
        }
        for (auto& line : detail::acl_lines("delete", paths, rest)) {
            lines.push_back(std::move(line) + remark);
        }
    }
    return lines;
}

/// What to do where nobody knows what the token holds on a path: a role made of the missing privilege alone would take
/// the rest away.
[[nodiscard]] inline auto look_up_lines(const missing_privilege& missing, const token_id& token)
    -> std::vector<std::string>
{
    if (missing.any_of.empty()) {
        return {};
    }
    return {"pveum user token permissions " + shell_word(token.user(), true) + " " + shell_word(token.name(), true)
            + " --path " + shell_word(missing.path) + " # then grant there one role of what this shows and of "
            + printable(least_of(missing.any_of))};
}

} // namespace felhom::proxmox
