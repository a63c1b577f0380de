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

/// The digest of a guest's configuration file, for compare-and-set. There is no empty one: Proxmox VE would take an
/// empty digest for "do not compare" (pve-guest-common AbstractConfig.pm).
class config_digest {
public:
    static constexpr std::size_t length = 40; // SHA-1 in hex

    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<config_digest, parse_error>
    {
        if (text.size() != length || !std::ranges::all_of(text, ascii::is_lower_hex)) {
            return tl::unexpected(
                parse_error{.what = "digest", .rule = "40 lower-case hexadecimal digits", .got = std::string{text}});
        }
        return config_digest{std::string{text}};
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }

    friend auto operator<=>(const config_digest&, const config_digest&) = default;

private:
    explicit config_digest(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

} // namespace felhom::proxmox
