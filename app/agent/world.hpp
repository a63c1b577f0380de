#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/proxmox/exchange.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::agent {

/// Something that happened on the way, for the log.
struct happening {
    std::string what;                                           ///< "reads repeated"
    std::vector<std::pair<std::string, std::string>> with = {}; ///< names and values, none of them secret
    bool detail = true;                                         ///< of interest only to whoever looks for a fault
};

/// What a pass may do to the world: talk to one Proxmox VE API, let time go by, and tell what happens. Tests hand in a
/// simulated node and a clock of their own.
struct world {
    proxmox::exchange exchange;
    std::function<instant()> now;
    std::function<void(instant)> sleep_until;
    std::function<void(const happening&)> tell = [](const happening&) {};
};

} // namespace felhom::agent
