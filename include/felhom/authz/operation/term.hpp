// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>

#include <optional>

namespace felhom::authz {

/// From when and until when a signer may sign; open where nothing is set.
struct term {
    std::optional<instant> valid_after{};
    std::optional<instant> valid_before{};

    [[nodiscard]] auto includes(instant now) const -> bool
    {
        return (!valid_after || now >= *valid_after) && (!valid_before || now < *valid_before);
    }

    friend auto operator==(const term&, const term&) -> bool = default;
};

} // namespace felhom::authz
