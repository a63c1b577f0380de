#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/proxmox/refusal.hpp>
#include <felhom/proxmox/token_id.hpp>

#include <range/v3/algorithm/all_of.hpp>
#include <range/v3/algorithm/find.hpp>
#include <range/v3/algorithm/unique.hpp>

#include <algorithm>
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
    if (!always_quoted && !text.empty() && ranges::all_of(text, plain)) {
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
    const auto options = ranges::find(any_of, "VM.Config.Options");
    return options == any_of.end() ? any_of.front() : *options;
}

/// The commands, to be run by root on a node, that grant a token what it lacks.
///
/// Proxmox VE grants roles, not privileges, and an entry at a path REPLACES what is inherited from the paths above it
/// (pve-access-control AccessControl.pm, roles). So the role is made of the missing privilege and of those that the
/// token holds on that path now, as read::permissions told: `held`, which must not be guessed. A token with separated
/// privileges has no more than its owner, so the owner may need the role too; root@pam has every privilege.
[[nodiscard]] inline auto grant_lines(const missing_privilege& missing, const token_id& token,
                                      std::vector<std::string> held) -> std::vector<std::string>
{
    if (missing.any_of.empty()) {
        return {};
    }
    const auto& privilege = least_of(missing.any_of);
    auto role = std::string{"Felhom"};
    for (const auto c : held.empty() ? privilege : missing.path + "-" + privilege) {
        if (ascii::is_alphanumeric(c) || c == '-') {
            role += c;
        } else if (c == '/') {
            role += '-';
        }
    }
    held.push_back(privilege);
    std::ranges::sort(held);
    held.erase(ranges::unique(held), held.end());
    auto privileges = std::string{};
    for (const auto& name : held) {
        privileges += (privileges.empty() ? "" : ",") + name;
    }
    const auto grant = "pveum acl modify " + shell_word(missing.path);
    auto lines = std::vector{
        "pveum role add " + role + " --privs " + shell_word(privileges),
        grant + " --tokens " + shell_word(token.text(), true) + " --roles " + role,
    };
    if (token.user() != "root@pam") {
        lines.push_back(grant + " --users " + shell_word(token.user(), true) + " --roles " + role
                        + " # where the owner lacks it too; the owner keeps there only what the role holds");
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
