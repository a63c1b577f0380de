#pragma once

#include <felhom/hub/sourced.hpp>
#include <felhom/proxmox/permissions.hpp>
#include <felhom/reconcile/needed_privileges.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <vector>

namespace felhom::hub {

/// Why a list may lack something: Proxmox VE leaves out what the token may not see, and does not say so.
[[nodiscard]] inline auto why_left_out(const std::vector<reconcile::needed_privilege>& needed,
                                       const tl::expected<proxmox::permissions, source_error>& granted)
    -> std::optional<source_error>
{
    if (!granted) {
        return source_error{granted.error().what,
                            "whether the API token is shown all of it is not known: " + granted.error().detail};
    }
    auto lacking = std::string{};
    for (const auto& one : reconcile::missing_of(needed, *granted)) {
        lacking += (lacking.empty() ? "" : " and ") + one.privilege + " on " + one.path;
    }
    return lacking.empty()
               ? std::nullopt
               : std::optional{source_error{source_error::kind::denied,
                                            "the API token lacks " + lacking + ": what it may not see is left out"}};
}

} // namespace felhom::hub
