// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>

#include <array>
#include <string_view>

namespace felhom::lxc {

/// What a change does to a guest's users, in rising order of weight.
enum class consequence {
    live,              ///< takes effect at once and interrupts nothing
    needs_restart,     ///< is stored, and takes effect at the guest's next start
    growing,           ///< takes more of a storage, for good, and interrupts nothing
    connectivity_risk, ///< may cut the guest off from its network, or its users from it
    destructive,       ///< may lose data or the protection of it
};

inline constexpr auto consequence_words = enum_table{std::array{
    enum_word{consequence::live, "live"}, enum_word{consequence::needs_restart, "needs restart"},
    enum_word{consequence::growing, "growing"}, enum_word{consequence::connectivity_risk, "connectivity risk"},
    enum_word{consequence::destructive, "destructive"}}};

[[nodiscard]] constexpr auto text_of(consequence what) -> std::string_view
{
    return consequence_words.text_of(what);
}

/// When a write takes effect in a running guest (pve-container PVE/LXC/Config.pm, vmconfig_hotplug_pending).
enum class applies {
    live,
    pending, ///< at the next start
};

} // namespace felhom::lxc
