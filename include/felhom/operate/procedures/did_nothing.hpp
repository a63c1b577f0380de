// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/errors/error_class.hpp>
#include <felhom/reconcile/plan/action_outcome.hpp>

#include <optional>
#include <variant>

namespace felhom::operate {

namespace detail {

/// Somebody else holds the guest's lock, and nothing was done.
[[nodiscard]] inline auto is_busy(const reconcile::failure_cause& trouble) -> bool
{
    return reconcile::classify(trouble).what == proxmox::error_class::busy;
}

} // namespace detail

/// Proxmox VE said that it did nothing, for want of a lock, and the state that was read does not show the contrary.
class did_nothing {
public:
    [[nodiscard]] static auto in(const reconcile::action_outcome& outcome) -> std::optional<did_nothing>
    {
        const auto* const failed = std::get_if<reconcile::action_failed>(&outcome);
        return failed != nullptr && detail::is_busy(failed->why) ? std::optional{did_nothing{}} : std::nullopt;
    }

private:
    did_nothing() = default;
};

} // namespace felhom::operate
