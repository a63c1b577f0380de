#pragma once

#include <string_view>

namespace felhom::lxc {

/// What a change does to a guest's users, in rising order of weight.
enum class consequence {
    live,              ///< takes effect at once and interrupts nothing
    needs_restart,     ///< is stored, and takes effect at the guest's next start
    connectivity_risk, ///< may cut the guest off from its network, or its users from it
    destructive,       ///< may lose data or the protection of it
};

[[nodiscard]] constexpr auto text_of(consequence what) -> std::string_view
{
    switch (what) {
    case consequence::live:
        return "live";
    case consequence::needs_restart:
        return "needs restart";
    case consequence::connectivity_risk:
        return "connectivity risk";
    case consequence::destructive:
        return "destructive";
    }
    return {};
}

} // namespace felhom::lxc
