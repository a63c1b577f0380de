#pragma once

#include "agent/world.hpp"
#include "io/api/https.hpp"
#include "io/talk/logger.hpp"

#include <felhom/proxmox/exchange.hpp>

#include <chrono>

namespace felhom::agent {

/// Logs one call of the API and what came of it: a change always, a read for whoever looks for a fault or when it
/// failed. Of a change that began a task, the task too. No body, no header and no query is logged.
void log_call(const io::logger& log, const io::https_call& call, const proxmox::exchanged& answer,
              std::chrono::milliseconds took);

/// Logs what happened on the way.
void log_happening(const io::logger& log, const happening& event);

} // namespace felhom::agent
