#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/steady_instant.hpp>
#include <felhom/proxmox/exchange.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::agent {

/// Something that happened on the way, for the log.
struct log_event {
    std::string what;                                           ///< "reads repeated"
    std::vector<std::pair<std::string, std::string>> with = {}; ///< names and values, none of them secret
    bool detail = true;                                         ///< of interest only to whoever looks for a fault
};

[[nodiscard]] inline auto steady_clock_now() -> steady_instant
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now());
}

/// What a pass may do to the world: talk to one Proxmox VE API, let time go by, and tell what happens. Tests hand in a
/// simulated node and a clock of their own.
struct node_io {
    proxmox::exchange exchange;
    std::function<instant()> now; ///< the wall clock; nothing is waited for by it
    std::function<void(std::chrono::milliseconds)> sleep_for;
    std::function<steady_instant()> steady = steady_clock_now;
    std::function<void(const log_event&)> tell = [](const log_event&) {};
};

} // namespace felhom::agent
