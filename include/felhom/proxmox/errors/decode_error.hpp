// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/net/call_line.hpp>

#include <optional>
#include <string>

namespace felhom::proxmox {

/// An answer of Proxmox VE that does not hold what its caller needs.
struct decode_error {
    std::string path; ///< "$.data[2].vmid"
    std::string expected;
    std::string got;
    std::optional<net::call_line> to = std::nullopt; ///< the call whose answer it was

    friend auto operator==(const decode_error&, const decode_error&) -> bool = default;
};

} // namespace felhom::proxmox
