// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/model/storage_id.hpp>

#include <string>
#include <string_view>

// Where privileges are granted (pve-access-control AccessControl.pm, check_path).
namespace felhom::proxmox::acl_path {

/// Those that stand for all below them.
inline constexpr auto every_guest = std::string_view{"/vms"};
inline constexpr auto every_storage = std::string_view{"/storage"};
inline constexpr auto every_zone = std::string_view{"/sdn/zones"};

[[nodiscard]] inline auto of(vmid guest) -> std::string
{
    return std::string{every_guest} + "/" + guest.text();
}
[[nodiscard]] inline auto of(const storage_id& storage) -> std::string
{
    return std::string{every_storage} + "/" + storage.text();
}
[[nodiscard]] inline auto of(const node_name& node) -> std::string
{
    return "/nodes/" + node.text();
}

} // namespace felhom::proxmox::acl_path
