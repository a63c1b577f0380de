// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/model/disk.hpp>
#include <felhom/proxmox/model/property_string.hpp>
#include <felhom/proxmox/model/volume_id.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::proxmox {

/// The volume of a container's slot, as its configuration has it.
struct slot_volume {
    volume_id id;
    disk_size size;

    friend auto operator==(const slot_volume&, const slot_volume&) -> bool = default;
};

/// Reads the value of `rootfs` or `mp[n]`, or says why it names no volume with a size.
[[nodiscard]] inline auto parse_slot_volume(std::string_view value) -> tl::expected<slot_volume, std::string>
{
    const auto parts = split_properties(value);
    if (!parts) {
        return tl::unexpected(std::string{"its value cannot be read"});
    }
    const auto part = [&among = *parts](std::string_view key) -> std::optional<std::string_view> {
        const auto found = std::ranges::find(among, key, &property::key);
        return found == among.end() ? std::nullopt : std::optional{found->value};
    };
    const auto bare = part("");
    auto id = volume_id::parse((bare ? bare : part("volume")).value_or(""));
    if (!id) {
        return tl::unexpected(std::string{"it is no volume of a storage"});
    }
    const auto size = disk_size::parse(part("size").value_or(""));
    if (!size) {
        return tl::unexpected(std::string{"its configuration does not tell its size"});
    }
    return slot_volume{.id = *std::move(id), .size = *size};
}

} // namespace felhom::proxmox
