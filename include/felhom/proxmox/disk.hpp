#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/parse_error.hpp>

#include <tl/expected.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
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

    /// As Proxmox VE reads one: a number, which may have a fraction, of bytes or of a binary unit (pve-common
    /// PVE/JSONSchema.pm, parse_size). A fraction of a byte is dropped.
    [[nodiscard]] static auto parse(std::string_view text) -> tl::expected<disk_size, parse_error>
    {
        const auto last = text.empty() ? std::string_view::npos : units.find(text.back());
        const auto shift = last == std::string_view::npos ? 0U : static_cast<unsigned>(last + 1) * bits_a_unit;
        const auto number = last == std::string_view::npos ? text : text.substr(0, text.size() - 1);
        const auto dot = number.find('.');
        const auto whole = parse_decimal<std::uint64_t>(number.substr(0, dot));
        const auto part = dot == std::string_view::npos ? std::optional{std::uint64_t{0}}
                                                        : fraction_of(number.substr(dot + 1), shift);
        static constexpr auto greatest = std::uint64_t{1} << 62U;
        if (!whole || !part || *whole > (greatest >> shift)) {
            return tl::unexpected(
                parse_error{.what = "size", .rule = "a size such as 128G or 8704M", .got = std::string{text}});
        }
        return disk_size{(*whole << shift) + *part};
    }

    [[nodiscard]] constexpr auto bytes() const -> std::uint64_t { return bytes_; }

    /// As Proxmox VE prints it: in the largest unit that divides it.
    [[nodiscard]] auto text() const -> std::string
    {
        auto count = bytes_;
        auto unit = std::string{};
        for (const auto larger : units) {
            if (count == 0 || count % (std::uint64_t{1} << bits_a_unit) != 0) {
                break;
            }
            count >>= bits_a_unit;
            unit = larger;
        }
        return std::to_string(count) + unit;
    }

    friend auto operator<=>(const disk_size&, const disk_size&) = default;

private:
    static constexpr auto units = std::string_view{"KMGT"};
    static constexpr auto bits_a_unit = 10U;

    /// The bytes of what stands behind the point.
    [[nodiscard]] static auto fraction_of(std::string_view digits, unsigned shift) -> std::optional<std::uint64_t>
    {
        static constexpr auto most_digits = std::size_t{6}; // so that it fits 64 bits, whatever the unit
        const auto number = digits.size() > most_digits ? std::nullopt : parse_decimal<std::uint64_t>(digits);
        auto scale = std::uint64_t{1};
        for (auto left = digits.size(); left > 0; --left) {
            scale *= 10;
        }
        return number ? std::optional{(*number << shift) / scale} : std::nullopt;
    }

    std::uint64_t bytes_;
};

} // namespace felhom::proxmox
