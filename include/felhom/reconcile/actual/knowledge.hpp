// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace felhom::reconcile {

/// What a difference that is left as it is tells of the node.
enum class knowledge : std::uint8_t {
    in_sync,   ///< what is desired is stored
    differs,   ///< whether or not anybody may do something about it
    not_known, ///< it could not be read
};

} // namespace felhom::reconcile
