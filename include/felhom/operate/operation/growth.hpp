// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/operate/gate/growth_refusal.hpp>
#include <felhom/operate/operation/shown_state.hpp>
#include <felhom/proxmox/model/disk.hpp>
#include <felhom/proxmox/model/slot_volume.hpp>
#include <felhom/reconcile/actual/actual_state.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <utility>

// What lets a volume be grown, by an operator's signature or by the plan: it is one of a storage, it is smaller than
// asked for, and its storage has the space.
namespace felhom::operate {

/// How much a storage has left, or why that is not known.
using available_space = tl::expected<proxmox::disk_size, std::string>;

/// The volume that is to become so large, as far as its guest's configuration lets it.
[[nodiscard]] inline auto volume_to_grow(const volume_is_at_least& wanted, const reconcile::actual_config& config)
    -> tl::expected<proxmox::slot_volume, growth_refusal>
{
    const auto refuse = [&](std::string why) {
        return tl::unexpected<growth_refusal>(not_growable{.disk = wanted.disk, .why = std::move(why)});
    };
    const auto* const entry = entry_of(config, wanted.disk.text());
    if (entry == nullptr) {
        return refuse("the guest has none");
    }
    if (!entry->in_sync()) {
        return refuse("a change of it waits for the guest's next start");
    }
    auto volume = proxmox::parse_slot_volume(entry->value.value_or(""));
    if (!volume) {
        return refuse(std::move(volume).error());
    }
    if (wanted.size < volume->size) {
        return tl::unexpected<growth_refusal>(
            would_shrink{.disk = wanted.disk, .is = volume->size, .asked = wanted.size});
    }
    if (wanted.size == volume->size) {
        return tl::unexpected<growth_refusal>(already_as_large{.disk = wanted.disk, .is = volume->size});
    }
    return *std::move(volume);
}

/// What stands in the way of growing it; `space` is that of its storage.
[[nodiscard]] inline auto obstacle_to_growth(const volume_is_at_least& wanted, const reconcile::actual_config& config,
                                             const std::optional<available_space>& space)
    -> std::optional<growth_refusal>
{
    const auto volume = volume_to_grow(wanted, config);
    if (!volume) {
        return volume.error();
    }
    const auto& storage = volume->id.storage();
    if (!space || !*space) {
        return space_unknown{.storage = storage, .why = space ? space->error() : std::string{"nobody asked"}};
    }
    const auto needed = proxmox::disk_size{wanted.size.bytes() - volume->size.bytes()};
    return needed <= **space
               ? std::nullopt
               : std::optional<growth_refusal>{no_space{.storage = storage, .needed = needed, .available = **space}};
}

} // namespace felhom::operate
