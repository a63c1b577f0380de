// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/node_io.hpp"
#include "io/log/logger.hpp"
#include "io/net/https.hpp"

#include <felhom/proxmox/api/exchange.hpp>

#include <chrono>

namespace felhom::agent {

/// Logs one call of the API and what came of it: a change always, a read for whoever looks for a fault or when it
/// failed. Of a change that began a task, the task too. No body, no header and no query is logged.
void log_call(const io::logger& log, const io::https_call& call, const net::exchanged& answer,
              std::chrono::milliseconds took);

/// Logs what happened on the way.
void write_log_event(const io::logger& log, const log_event& event);

} // namespace felhom::agent
