// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/daemon/signals.hpp"
#include "agent/engine/node_io.hpp"
#include "agent/engine/status_board.hpp"
#include "agent/hub/hub_link.hpp"
#include "agent/setup/operating_session.hpp"
#include "agent/setup/operation_settings.hpp"
#include "agent/setup/session.hpp"
#include "io/log/logger.hpp"

#include <felhom/config/layered.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/core/log_level.hpp>
#include <felhom/hub/report_buffer.hpp>
#include <felhom/local_api/obstacle.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace felhom::agent {

/// What `run` works with, as one reading of the configuration has it.
struct daemon_setup {
    config::layered from;
    node_session node;
    operation_settings settings;
    std::shared_ptr<status_board> board;
    io::logger log;
    std::unique_ptr<operating_session> session = nullptr; ///< null: nothing may be changed
    std::unique_ptr<operating_session> opened =
        nullptr; ///< the next one, while other threads still see that there is none
    local_api::without_journal otherwise = local_api::without_journal::tries_again;
    std::optional<hub_duties> hub = std::nullopt; ///< nothing: there is none
};

/// What outlives one reading of the configuration.
struct daemon_frame {
    signals& asked;
    std::optional<log_level> level;
    /// What the last pass found holds over a new configuration, until the next one.
    std::shared_ptr<status_board> board = std::make_shared<status_board>(steady_clock_now());
    std::function<tl::expected<config::layered, startup_errors>()> read_configuration; ///< anew, if all of it works
    instant started;
    hub::report_buffer kept;
    std::optional<config::layered> fresh = std::nullopt; ///< the one to be taken next
    std::uint32_t failed_soon = 0;                       ///< journals in a row
};

/// Whether the journal is to be opened at once.
enum class opening : std::uint8_t { at_once, later };

[[nodiscard]] auto set_up_daemon(config::layered from, const daemon_frame& in, local_api::moment when,
                                 opening journal = opening::at_once) -> tl::expected<daemon_setup, startup_errors>;

/// Without a journal nothing is changed, and whoever asks hears of it, the hub too. Stricter than going on without one,
/// on purpose. An error where the daemon is to end.
[[nodiscard]] auto open_session(daemon_setup& setup, local_api::moment when) -> tl::expected<void, startup_errors>;

/// Takes the session that was opened, if there is one, and sets up what depends on it.
[[nodiscard]] auto begin_session(daemon_setup setup) -> tl::expected<daemon_setup, startup_errors>;

} // namespace felhom::agent
