// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/parse_error.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <compare>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::proxmox {

/// The name of an API token, without its secret: "felhom@pve!agent" (pve-access-control AccessControl.pm,
/// verify_username and the token formats).
class token_id {
public:
    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<token_id, parse_error>
    {
        const auto mark = text.rfind('!');
        const auto user = text.substr(0, mark == std::string_view::npos ? 0 : mark);
        const auto at = user.rfind('@');
        const auto is_user = [](char c) {
            return static_cast<unsigned char>(c) > ' ' && c != '\x7F' && c != ':' && c != '/';
        };
        if (mark == std::string_view::npos || at == std::string_view::npos || at == 0
            || !std::ranges::all_of(user.substr(0, at), is_user) || !is_id(user.substr(at + 1))
            || !is_id(text.substr(mark + 1))) {
            // It is easily given with the secret behind it, as PVE shows the two and the header joins them.
            return tl::unexpected(parse_error{
                .what = "API token id", .rule = "USER@REALM!TOKENID, such as felhom@pve!agent", .got = "(not shown)"});
        }
        return token_id{std::string{text}, mark};
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }
    [[nodiscard]] auto user() const -> std::string { return text_.substr(0, mark_); }  ///< "felhom@pve"
    [[nodiscard]] auto name() const -> std::string { return text_.substr(mark_ + 1); } ///< "agent"

    friend auto operator<=>(const token_id&, const token_id&) = default;

private:
    token_id(std::string text, std::size_t mark) : text_{std::move(text)}, mark_{mark} {}

    [[nodiscard]] static auto is_id(std::string_view text) -> bool
    {
        return text.size() >= 2 && ascii::is_letter(text.front()) && std::ranges::all_of(text, [](char c) {
                   return ascii::is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
               });
    }

    std::string text_;
    std::size_t mark_;
};

} // namespace felhom::proxmox
