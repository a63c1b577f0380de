#pragma once

#include <felhom/proxmox/grant.hpp>
#include <felhom/proxmox/permissions.hpp>
#include <felhom/proxmox/refusal.hpp>
#include <felhom/proxmox/token_id.hpp>

#include <optional>
#include <string>
#include <vector>

namespace felhom::proxmox {

/// Who calls the API, and what it may do as far as that is known.
struct caller {
    token_id token;
    std::optional<permissions> granted = std::nullopt;

    friend auto operator==(const caller&, const caller&) -> bool = default;
};

/// The commands that grant a caller what it lacks and take nothing from it.
[[nodiscard]] inline auto grant_lines(const missing_privilege& missing, const caller& who) -> std::vector<std::string>
{
    return who.granted ? grant_lines(missing, who.token, who.granted->on(missing.path))
                       : look_up_lines(missing, who.token);
}

} // namespace felhom::proxmox
