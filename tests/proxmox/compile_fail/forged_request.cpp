// SPDX-License-Identifier: Apache-2.0
// error: request::request.* is private within this context
#include <felhom/proxmox/api/read.hpp>

auto ask() -> felhom::proxmox::request
{
    return felhom::proxmox::request{felhom::net::http_method::get, "/version", ""};
}
