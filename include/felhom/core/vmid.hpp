// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/parse_error.hpp>

#include <tl/expected.hpp>

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace felhom {

/// A guest's number, 100..999999999 (pve-common JSONSchema.pm, format pve-vmid).
class vmid {
public:
    static constexpr std::uint32_t least = 100;
    static constexpr std::uint32_t greatest = 999'999'999;

    /// Reads the decimal text that PVE uses: no sign, no leading zero.
    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<vmid, parse_error>
    {
        const auto number = parse_decimal<std::uint32_t>(text);
        if (!number || text.starts_with('0')) {
            return tl::unexpected(refused(std::string{text}));
        }
        return from_number(*number);
    }

    [[nodiscard]] static auto from_number(std::uint64_t number) -> tl::expected<vmid, parse_error>
    {
        if (number < least || number > greatest) {
            return tl::unexpected(refused(std::to_string(number)));
        }
        return vmid{static_cast<std::uint32_t>(number)};
    }

    [[nodiscard]] constexpr auto number() const -> std::uint32_t { return number_; }
    [[nodiscard]] auto text() const -> std::string { return std::to_string(number_); }

    friend auto operator<=>(const vmid&, const vmid&) = default;

private:
    constexpr explicit vmid(std::uint32_t number) : number_{number} {}

    [[nodiscard]] static auto refused(std::string got) -> parse_error
    {
        return {.what = "vmid", .rule = "a number from 100 to 999999999", .got = std::move(got)};
    }

    std::uint32_t number_;
};

} // namespace felhom

template <>
struct std::hash<felhom::vmid> {
    [[nodiscard]] auto operator()(const felhom::vmid& id) const noexcept -> std::size_t
    {
        return std::hash<std::uint32_t>{}(id.number());
    }
};
