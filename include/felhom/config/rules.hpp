// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/operation/operation_name.hpp>
#include <felhom/authz/signers/quorum.hpp>
#include <felhom/config/name_list.hpp>
#include <felhom/core/ascii.hpp>
#include <felhom/core/contains.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/core/secret.hpp>
#include <felhom/proxmox/api/api_token.hpp>
#include <felhom/proxmox/api/token_id.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// What texts of the configuration must be. Each rule answers what it expects of a text that breaks it.
namespace felhom::config::rules {

using broken = std::optional<std::string>;

/// A text that T::parse reads.
template <typename T>
[[nodiscard]] auto parses_as(std::string_view text) -> broken
{
    const auto parsed = T::parse(text);
    return parsed ? broken{} : broken{parsed.error().rule};
}

[[nodiscard]] inline auto absolute_path(std::string_view text) -> broken
{
    const auto fits = text.starts_with('/') && printable(text, text.size()) == text;
    return fits ? broken{} : broken{"an absolute path"};
}

namespace detail {

[[nodiscard]] inline auto signable() -> std::string
{
    auto names = std::string{};
    for (const auto name : authz::operation_names) {
        names += (names.empty() ? "" : ", ") + std::string{name};
    }
    return names;
}

} // namespace detail

/// A list of operations. One that is misspelt would be demanded of none, and so be no demand.
[[nodiscard]] inline auto operations(std::string_view text) -> broken
{
    const auto fits = std::ranges::all_of(
        split_list(text), [](const std::string& name) { return contains(authz::operation_names, name); });
    return fits ? broken{} : broken{"a list of operations, out of " + detail::signable()};
}

/// What operations need by way of signatures; of these, too, one that is misspelt would need nothing.
[[nodiscard]] inline auto quorum(std::string_view text) -> broken
{
    const auto parsed = authz::parse_quorum_rule(text);
    if (!parsed) {
        return parsed.error().rule;
    }
    const auto fits =
        std::ranges::all_of(*parsed, [](const auto& rule) { return contains(authz::operation_names, rule.first); });
    return fits ? broken{} : broken{"OPERATION=TERMS with an operation out of " + detail::signable()};
}

/// The token's name alone: PVE shows it with the secret, and the two are easily given as one.
[[nodiscard]] inline auto token_id(std::string_view text) -> broken
{
    const auto parsed = proxmox::token_id::parse(text);
    return parsed ? broken{}
                  : broken{parsed.error().rule + ", without the secret (that is proxmox.token_secret or token_file)"};
}

// A token is parsed as a whole; here the secret is held against the rules beside a good name.
[[nodiscard]] inline auto token_secret(std::string_view text) -> broken
{
    const auto parsed = proxmox::api_token::parse("user@pve!token", secret{std::string{text}});
    return parsed ? broken{} : broken{parsed.error().rule};
}

/// A key that can stand in an HTTP header.
[[nodiscard]] inline auto header_token(std::string_view text) -> broken
{
    static constexpr auto longest = std::size_t{1024};
    const auto is_visible = [](char c) { return c > ' ' && c < '\x7f'; };
    const auto fits = !text.empty() && text.size() <= longest && std::ranges::all_of(text, is_visible);
    return fits ? broken{} : broken{"1 to 1024 visible ASCII characters"};
}

/// https://HOST[:PORT][/PATH], without user, query or fragment.
[[nodiscard]] inline auto https_url(std::string_view text) -> broken
{
    static constexpr auto scheme = std::string_view{"https://"};
    const auto is_legal = [](char c) {
        return ascii::is_alphanumeric(c) || std::string_view{"-._~/:[]%"}.find(c) != std::string_view::npos;
    };
    const auto starts_host = [](char c) { return ascii::is_alphanumeric(c) || c == '['; };
    const auto fits = text.size() > scheme.size() && text.starts_with(scheme) && starts_host(text[scheme.size()])
                      && std::ranges::all_of(text, is_legal);
    return fits ? broken{} : broken{"https://HOST, https://HOST:PORT or either with a path"};
}

} // namespace felhom::config::rules
