// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace felhom::operate {

enum class privilege_place : std::uint8_t {
    guest,       ///< that the operation names
    every_guest, ///< an entry on the guest alone would not do
    storage,     ///< that it names, or that its volume is on
};

/// A privilege that an operation's calls ask of the API token.
struct operation_privilege {
    privilege_place on;
    std::string_view privilege;
    std::string_view or_else = {};
};

} // namespace felhom::operate
