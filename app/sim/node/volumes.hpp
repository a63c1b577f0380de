// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/node/node.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace felhom::sim {

inline constexpr auto mebibyte = std::int64_t{1} << 20U;

/// "local-lvm:8", or "8" on the default storage: not a volume but the wish for a new one of that many GiB.
struct allocation {
    std::string storage;
    double gib;
};
[[nodiscard]] auto parse_allocation(std::string_view volume, std::string_view default_storage)
    -> std::optional<allocation>;

/// Makes a guest's new volume; its number is the first free one. Without that storage there is none.
[[nodiscard]] auto allocate(node& on, guest_id vmid, const std::string& storage, std::int64_t bytes)
    -> std::optional<std::string>;

[[nodiscard]] auto find_volume(node& on, std::string_view volid) -> volume*;
void free_volume(node& on, std::string_view volid);

/// The largest unit that divides a size evenly: "8G", "8704M", "1000".
[[nodiscard]] auto print_size(std::int64_t bytes) -> std::string;
[[nodiscard]] auto parse_size(std::string_view text) -> std::int64_t;

/// The size that a volume of so many GiB gets: whole MiB.
[[nodiscard]] auto allocated_bytes(double gib) -> std::int64_t;

} // namespace felhom::sim
