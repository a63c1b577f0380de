// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/ascii.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/proxmox/errors/error_class.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::proxmox {

/// Any one of the privileges would have been enough on that path. Of several that are all needed, Proxmox VE names only
/// the first.
struct missing_privilege {
    std::string path;
    std::vector<std::string> any_of;
    std::string purpose = {}; ///< "modifying tag 'prod'", where it is told

    static constexpr auto means = classification{error_class::privilege, error_action::grant_privilege};
    [[nodiscard]] auto describe() const -> std::string
    {
        auto names = std::string{};
        for (const auto& name : any_of) {
            names += (names.empty() ? "" : " or ") + name;
        }
        return "the privilege " + names + " is missing on " + printable(path)
               + (purpose.empty() ? "" : " for " + printable(purpose));
    }
    friend auto operator==(const missing_privilege&, const missing_privilege&) -> bool = default;
};
/// Something is missing, and Proxmox VE does not say what.
struct unnamed_privilege {
    static constexpr auto means = classification{error_class::privilege, error_action::grant_privilege};
    static constexpr auto description = std::string_view{"a privilege is missing; Proxmox VE does not say which"};
    friend auto operator==(const unnamed_privilege&, const unnamed_privilege&) -> bool = default;
};
/// Only the literal user root@pam may do this; no privilege and no token of root@pam will do.
struct root_only {
    std::string what;

    static constexpr auto means = classification{error_class::identity, error_action::use_root_path};
    [[nodiscard]] auto describe() const -> std::string
    {
        return "only root@pam may do this, and no token: " + printable(what);
    }
    friend auto operator==(const root_only&, const root_only&) -> bool = default;
};
/// The call is not open to API tokens at all.
struct ticket_only {
    std::string uri;

    static constexpr auto means = classification{error_class::identity, error_action::use_root_path};
    [[nodiscard]] auto describe() const -> std::string { return printable(uri) + " is not open to API tokens"; }
    friend auto operator==(const ticket_only&, const ticket_only&) -> bool = default;
};
/// A refusal for another reason: "pool 'x' does not exist".
struct other_refusal {
    std::string what;

    static constexpr auto means = classification{error_class::request, error_action::correct_the_request};
    [[nodiscard]] auto describe() const -> std::string { return printable(what); }
    friend auto operator==(const other_refusal&, const other_refusal&) -> bool = default;
};

/// Why Proxmox VE refused with 403.
using refusal = std::variant<missing_privilege, unnamed_privilege, root_only, ticket_only, other_refusal>;

namespace detail {

[[nodiscard]] inline auto parse_missing_privilege(std::string_view text) -> std::optional<missing_privilege>
{
    const auto comma = text.find(", ");
    const auto visible = [](char c) { return c > ' ' && c <= '~'; }; // it is printed into commands
    if (!text.starts_with('/') || comma == std::string_view::npos
        || !std::ranges::all_of(text.substr(0, comma), visible)) {
        return std::nullopt;
    }
    auto missing = missing_privilege{.path = std::string{text.substr(0, comma)}, .any_of = {}};
    auto privileges = text.substr(comma + 2);
    static constexpr auto purpose = std::string_view{" for "};
    if (const auto mark = privileges.find(purpose); mark != std::string_view::npos) {
        missing.purpose = privileges.substr(mark + purpose.size());
        privileges = privileges.substr(0, mark);
    }
    for (auto more = true; more;) {
        const auto bar = privileges.find('|');
        const auto name = privileges.substr(0, bar);
        if (name.empty() || !std::ranges::all_of(name, [](char c) { return ascii::is_alphanumeric(c) || c == '.'; })) {
            return std::nullopt;
        }
        missing.any_of.emplace_back(name);
        more = bar != std::string_view::npos;
        privileges.remove_prefix(more ? bar + 1 : privileges.size());
    }
    return missing;
}

} // namespace detail

/// Finds a refusal in the text of an error or in the exit status of a task, where other words may stand before it
/// (pve-common Exception.pm, pve-access-control RPCEnvironment.pm, pve-container LXC.pm).
[[nodiscard]] inline auto parse_refusal(std::string_view text) -> std::optional<refusal>
{
    static constexpr auto lead = std::string_view{"Permission check failed"};
    const auto start = text.find(lead);
    if (start == std::string_view::npos) {
        return std::nullopt;
    }
    auto detail = text.substr(start + lead.size());
    while (!detail.empty() && (detail.front() == ' ' || detail.front() == '\n')) {
        detail.remove_prefix(1);
    }
    // The closing parenthesis of a detail that ends in a line break is on the next line, and lost to reason phrases.
    while (!detail.empty() && (detail.back() == ' ' || detail.back() == '\n')) {
        detail.remove_suffix(1);
    }
    if (detail.empty()) {
        return unnamed_privilege{};
    }
    if (detail.front() == '(') {
        detail.remove_prefix(1);
        detail = detail.substr(0, detail.rfind(')'));
    }
    while (!detail.empty() && (detail.back() == ' ' || detail.back() == '\n')) {
        detail.remove_suffix(1);
    }
    if (auto missing = detail::parse_missing_privilege(detail)) {
        return *std::move(missing);
    }
    static constexpr auto uri = std::string_view{"URI '"};
    if (detail.starts_with(uri)) {
        const auto rest = detail.substr(uri.size());
        return ticket_only{std::string{rest.substr(0, rest.find('\''))}};
    }
    if (detail.find("root@pam") != std::string_view::npos) {
        return root_only{std::string{detail}};
    }
    return other_refusal{std::string{detail}};
}

[[nodiscard]] inline auto describe(const refusal& why) -> std::string
{
    return description_of(why);
}

} // namespace felhom::proxmox
