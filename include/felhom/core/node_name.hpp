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

namespace felhom {

/// The name of a Proxmox VE node: letters, digits and inner hyphens (pve-common JSONSchema.pm, format pve-node).
class node_name {
public:
    static constexpr std::size_t longest = 63;

    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<node_name, parse_error>
    {
        const auto legal = [](char c) { return ascii::is_alphanumeric(c) || c == '-'; };
        if (text.empty() || text.size() > longest || text.front() == '-' || text.back() == '-'
            || !std::ranges::all_of(text, legal)) {
            return tl::unexpected(parse_error{
                .what = "node name",
                .rule = "1 to 63 letters, digits and inner hyphens (the short name, not the FQDN)",
                .got = std::string{text},
            });
        }
        return node_name{std::string{text}};
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }

    friend auto operator<=>(const node_name&, const node_name&) = default;

private:
    explicit node_name(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

} // namespace felhom
