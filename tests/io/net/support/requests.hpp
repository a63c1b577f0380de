// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/api/request.hpp>

#if __has_include(<felhom/proxmox/api/read.hpp>)
#include <felhom/proxmox/api/mutate.hpp>
#include <felhom/proxmox/api/read.hpp>
#else
// Until the builders of requests are there.
namespace felhom::proxmox {

struct read {
    [[nodiscard]] static auto version() -> request { return {http_method::get, "/version", {}}; }
};

struct mutate {
    [[nodiscard]] static auto start(const node_name& node, vmid id) -> request
    {
        return {http_method::post, "/nodes/" + node.text() + "/lxc/" + id.text() + "/status/start", {}};
    }
};

} // namespace felhom::proxmox
#endif
