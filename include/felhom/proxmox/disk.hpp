#pragma once

#include <felhom/core/decimal.hpp>
#include <felhom/core/parse_error.hpp>

#include <tl/expected.hpp>

#include <compare>
#include <cstddef>
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

/// The size of a disk, printed as Proxmox VE prints it: in the largest unit that divides it.
struct disk_size {
    std::uint64_t bytes;

    [[nodiscard]] auto text() const -> std::string
    {
        static constexpr auto units = std::string_view{"KMGT"};
        static constexpr auto step = std::uint64_t{1024};
        auto count = bytes;
        auto unit = std::string{};
        for (const auto larger : units) {
            if (count == 0 || count % step != 0) {
                break;
            }
            count /= step;
            unit = larger;
        }
        return std::to_string(count) + unit;
    }

    friend auto operator<=>(const disk_size&, const disk_size&) = default;
};

} // namespace felhom::proxmox
