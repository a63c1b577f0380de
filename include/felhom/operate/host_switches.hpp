// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>

#include <memory>
#include <optional>
#include <string>

namespace felhom::authz {
class signers; // many headers for who only passes it on
}

namespace felhom::operate {

/// What the host's owner, and the hub, say at one moment.
struct host_switches {
    instant now;
    std::shared_ptr<const authz::signers> signers;    ///< null: nobody may sign
    std::optional<std::string> paused = std::nullopt; ///< by a file of the owner's; what it says
    bool blocked = false;                             ///< by the hub
    std::optional<std::string> vetoed = std::nullopt; ///< by a file of the owner's: nothing destructive; what it says
    std::optional<std::string> veto_unread = std::nullopt; ///< why it could not be told whether there is one
};

} // namespace felhom::operate
