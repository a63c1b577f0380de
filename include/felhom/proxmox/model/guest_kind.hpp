// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace felhom::proxmox {

/// Containers and virtual machines share one range of numbers.
enum class guest_kind : std::uint8_t { lxc, qemu };

/// As Proxmox VE writes it.
inline constexpr auto guest_kind_words =
    enum_table{std::array{enum_word{guest_kind::lxc, "lxc"}, enum_word{guest_kind::qemu, "qemu"}}};

[[nodiscard]] constexpr auto text_of(guest_kind kind) -> std::string_view
{
    return guest_kind_words.text_of(kind);
}

} // namespace felhom::proxmox
