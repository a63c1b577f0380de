#pragma once

#include <cstdint>
#include <string_view>

namespace felhom::proxmox {

/// Containers and virtual machines share one range of numbers.
enum class guest_kind : std::uint8_t { lxc, qemu };

/// As Proxmox VE writes it.
[[nodiscard]] constexpr auto text_of(guest_kind kind) -> std::string_view
{
    switch (kind) {
    case guest_kind::lxc:
        return "lxc";
    case guest_kind::qemu:
        return "qemu";
    }
    return {};
}

} // namespace felhom::proxmox
