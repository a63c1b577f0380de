// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/printable.hpp>
#include <felhom/proxmox/model/disk.hpp>
#include <felhom/proxmox/model/storage_id.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

// Why a volume is not grown.
namespace felhom::operate {

/// The slot has no volume that a resize could be asked for.
struct not_growable {
    proxmox::disk_slot disk;
    std::string why;

    static constexpr auto code = std::string_view{"not_growable"};
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string { return disk.text() + " cannot be grown: " + why; }
    friend auto operator==(const not_growable&, const not_growable&) -> bool = default;
};
struct would_shrink {
    proxmox::disk_slot disk;
    proxmox::disk_size is;
    proxmox::disk_size asked;

    static constexpr auto code = std::string_view{"would_shrink"};
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string
    {
        return disk.text() + " has " + is.text() + ", and no volume is ever shrunk (to " + asked.text()
               + "): that would lose what is at its end";
    }
    friend auto operator==(const would_shrink&, const would_shrink&) -> bool = default;
};
struct already_as_large {
    proxmox::disk_slot disk;
    proxmox::disk_size is;

    static constexpr auto code = std::string_view{"already_as_large"};
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string { return disk.text() + " has " + is.text() + " already"; }
    friend auto operator==(const already_as_large&, const already_as_large&) -> bool = default;
};
struct no_space {
    proxmox::storage_id storage;
    proxmox::disk_size needed;
    proxmox::disk_size available;

    static constexpr auto code = std::string_view{"no_space"};
    static constexpr auto is_transient = false;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "storage " + storage.text() + " has " + rounded(available) + " available, and it would take "
               + rounded(needed, /*up=*/true) + " more";
    }
    friend auto operator==(const no_space&, const no_space&) -> bool = default;

private:
    /// "12.3 GiB", and less than one in MiB.
    [[nodiscard]] static auto rounded(proxmox::disk_size size, bool up = false) -> std::string
    {
        static constexpr auto mebibyte = std::uint64_t{1} << 20U;
        static constexpr auto gibibyte = std::uint64_t{1} << 30U;
        if (size.bytes() < gibibyte) {
            return std::to_string((size.bytes() + (up ? mebibyte - 1 : 0)) / mebibyte) + " MiB";
        }
        const auto part = ((size.bytes() % gibibyte * 10) + (up ? gibibyte - 1 : 0)) / gibibyte;
        const auto tenths = (size.bytes() / gibibyte * 10) + part;
        return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GiB";
    }
};
/// What is not known is not enough.
struct space_unknown {
    proxmox::storage_id storage;
    std::string why;

    static constexpr auto code = std::string_view{"space_unknown"};
    static constexpr auto is_transient = true;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "how much storage " + storage.text() + " has available is not known: " + printable(why);
    }
    friend auto operator==(const space_unknown&, const space_unknown&) -> bool = default;
};

using growth_refusal = std::variant<not_growable, would_shrink, already_as_large, no_space, space_unknown>;

} // namespace felhom::operate
