// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/parse_error.hpp>
#include <felhom/proxmox/model/parse_size.hpp>

#include <tl/expected.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::proxmox {

/// The slot of a container's disk: rootfs, or mp0 to mp255.
class disk_slot {
public:
    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<disk_slot, parse_error>
    {
        static constexpr auto greatest = 255U;
        if (text == "rootfs") {
            return disk_slot{std::string{text}};
        }
        const auto digits = text.substr(text.size() < 2 ? text.size() : 2);
        const auto number = parse_decimal<unsigned>(digits);
        const auto canonical = digits.size() == 1 || !digits.starts_with('0');
        if (!text.starts_with("mp") || !number || !canonical || *number > greatest) {
            return tl::unexpected(
                parse_error{.what = "disk", .rule = "rootfs, or mp0 to mp255", .got = std::string{text}});
        }
        return disk_slot{std::string{text}};
    }

    [[nodiscard]] auto text() const -> const std::string& { return text_; }

    friend auto operator<=>(const disk_slot&, const disk_slot&) = default;

private:
    explicit disk_slot(std::string text) : text_{std::move(text)} {}

    std::string text_;
};

/// The size of a disk.
class disk_size {
public:
    explicit constexpr disk_size(std::uint64_t bytes) : bytes_{bytes} {}

    /// As Proxmox VE reads one (parse_size), of at most 4 EiB.
    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<disk_size, parse_error>
    {
        static constexpr auto greatest = std::uint64_t{1} << 62U;
        const auto bytes = parse_size(text);
        if (!bytes || *bytes > greatest) {
            return tl::unexpected(
                parse_error{.what = "size", .rule = "a size such as 128G or 8704M", .got = std::string{text}});
        }
        return disk_size{*bytes};
    }

    [[nodiscard]] constexpr auto bytes() const -> std::uint64_t { return bytes_; }

    /// As Proxmox VE prints it: in the largest unit that divides it.
    [[nodiscard]] auto text() const -> std::string
    {
        auto count = bytes_;
        auto unit = std::string{};
        for (const auto larger : size_units) {
            if (count == 0 || count % (std::uint64_t{1} << bits_of_size_unit) != 0) {
                break;
            }
            count >>= bits_of_size_unit;
            unit = larger;
        }
        return std::to_string(count) + unit;
    }

    friend auto operator<=>(const disk_size&, const disk_size&) = default;

private:
    std::uint64_t bytes_;
};

} // namespace felhom::proxmox
