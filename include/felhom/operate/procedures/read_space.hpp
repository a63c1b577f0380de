// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/operate/operation/growth.hpp>
#include <felhom/operate/operation/shown_state.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/ask.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/model/disk.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <string>

namespace felhom::operate {

/// Asks the storage of the volume that is to be grown; nothing where there is no such volume.
[[nodiscard]] inline auto read_space(node_name node, volume_is_at_least wanted, reconcile::actual_config config)
    -> procedure<std::optional<available_space>>
{
    using found = std::optional<available_space>;
    const auto volume = volume_to_grow(wanted, config);
    if (!volume) {
        co_return found{};
    }
    const auto status = co_await ask(proxmox::read::storage_status(node, volume->id.storage()));
    if (!status) {
        co_return found{tl::unexpected(proxmox::describe(status.error()))};
    }
    if (!status->active) {
        co_return found{tl::unexpected(std::string{"the storage is not active"})};
    }
    co_return status->available ? found{proxmox::disk_size{*status->available}}
                                : found{tl::unexpected(std::string{"its status does not tell"})};
}

} // namespace felhom::operate
