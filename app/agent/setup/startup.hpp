// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/setup/session.hpp"
#include "io/log/logger.hpp"

#include <felhom/config/layered.hpp>
#include <felhom/core/exit_code.hpp>
#include <felhom/core/log_level.hpp>

#include <optional>

namespace felhom::agent {

/// Says why a command cannot begin.
[[nodiscard]] auto fail(const startup_errors& errors) -> exit_code;

/// A logger of the level that was asked for, or else that of the configuration, as far as that is no more than `most`.
[[nodiscard]] auto logger_for(std::optional<log_level> asked, const config::layered& from,
                              log_level most = log_level::debug) -> io::logger;

} // namespace felhom::agent
