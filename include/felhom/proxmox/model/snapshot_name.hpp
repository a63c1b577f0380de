// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/parse_error.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::proxmox {

/// The name of a guest's snapshot (pve-common JSONSchema.pm, format pve-configid, 2 to 40 characters), without the
/// names that Proxmox VE keeps for itself.
class snapshot_name {
public:
    static constexpr std::size_t longest = 40;

    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<snapshot_name, parse_error>
    {
        const auto legal = [](char c) { return ascii::is_alphanumeric(c) || c == '-' || c == '_'; };
        const auto lower = ascii::to_lower(text);
        const auto reserved = lower == "current" || lower == "pending" || lower == "vzdump";
        if (text.size() < 2 || text.size() > longest || !ascii::is_letter(text.front())
            || !std::ranges::all_of(text, legal) || reserved) {
            return tl::unexpected(parse_error{
                .what = "snapshot name",
                .rule = "2 to 40 of A-Z a-z 0-9 _ - beginning with a letter; not current, pending or vzdump",
                .got = std::string{text},
            });
        }
        return snapshot_name{std::string{text}};
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }

    friend auto operator<=>(const snapshot_name&, const snapshot_name&) = default;

private:
    explicit snapshot_name(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

} // namespace felhom::proxmox
