// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::reconcile {

/// A guest was chosen that is not in the desired state.
struct not_desired {
    vmid id;

    friend auto operator==(const not_desired&, const not_desired&) -> bool = default;
};

[[nodiscard]] inline auto describe(const not_desired& error) -> std::string
{
    return "guest " + error.id.text() + " is not in the desired state, so nothing is planned for it";
}

/// The desired state of these guests only; of all where none is chosen.
[[nodiscard]] inline auto choose_guests(desired_state desired, const std::vector<vmid>& chosen)
    -> tl::expected<desired_state, not_desired>
{
    for (const auto id : chosen) {
        if (!contains(desired.guests, id, &desired_guest::id)) {
            return tl::unexpected(not_desired{id});
        }
    }
    if (!chosen.empty()) {
        std::erase_if(desired.guests, [&](const desired_guest& guest) { return !contains(chosen, guest.id); });
    }
    return desired;
}

/// The same with a guest of which nothing is desired, where it does not stand there: it is read along.
[[nodiscard]] inline auto with_guest(desired_state desired, vmid id) -> desired_state
{
    const auto at = std::ranges::lower_bound(desired.guests, id, {}, &desired_guest::id);
    if (at == desired.guests.end() || at->id != id) {
        desired.guests.insert(at, desired_guest{.id = id, .run = std::nullopt, .entries = {}});
    }
    return desired;
}

} // namespace felhom::reconcile
