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

/// The name of a storage (pve-common JSONSchema.pm, format pve-storage-id).
class storage_id {
public:
    static constexpr std::size_t longest = 100;

    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<storage_id, parse_error>
    {
        const auto legal = [](char c) { return ascii::is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; };
        if (text.size() < 2 || text.size() > longest || !ascii::is_letter(text.front())
            || !ascii::is_alphanumeric(text.back()) || !std::ranges::all_of(text, legal)) {
            return tl::unexpected(parse_error{
                .what = "storage id",
                .rule = "2 to 100 of A-Z a-z 0-9 . _ - beginning with a letter, ending with a letter or digit",
                .got = std::string{text},
            });
        }
        return storage_id{std::string{text}};
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }

    friend auto operator<=>(const storage_id&, const storage_id&) = default;

private:
    explicit storage_id(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

} // namespace felhom::proxmox
