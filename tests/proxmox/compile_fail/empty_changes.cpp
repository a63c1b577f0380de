// SPDX-License-Identifier: Apache-2.0
// error: no matching function for call to 'felhom::proxmox::config_changes::config_changes
#include <felhom/proxmox/model/config_changes.hpp>

#include <optional>

namespace proxmox = felhom::proxmox;

auto take(const std::optional<proxmox::config_changes>& given) -> std::optional<proxmox::config_changes>
{
    return given ? given : proxmox::config_changes{};
}
