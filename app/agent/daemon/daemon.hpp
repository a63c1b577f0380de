// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/daemon/signals.hpp"
#include "agent/setup/operating_session.hpp"
#include "agent/setup/session.hpp"
#include "io/log/logger.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/operate/procedures/run_pass.hpp>
#include <felhom/reconcile/actual/inventory.hpp>

#include <tl/expected.hpp>

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace felhom::agent {

/// What a daemon asks of its configuration, each time anew.
struct daemon_sources {
    std::function<tl::expected<loaded_pass, startup_errors>()> input;
    std::function<void(const reconcile::inventory&)> remember;
    std::function<void(const loaded_pass&, const operate::pass_report&)> passed; ///< is told of every pass
    std::function<void(const std::string&)> not_passed;                 ///< and of every one that was not made, and why
    std::function<void(std::optional<std::chrono::milliseconds>)> next; ///< how long until a pass; nothing: it begins
    std::function<void()> answered;                                     ///< signed operations have results
    std::function<void()> serve;                                        ///< carries out what was handed over
    std::function<bool()>
        may_begin; ///< false: the hub's word is still to come, and no change is begun but for a person
    std::function<bool()> take_trigger; ///< whether something came since that a pass should not wait for
    std::function<void()> look_at_clocks;
    std::function<void()> is_alive; ///< is told of every round
    /// Is told from another thread: work ended that was not waited for any longer.
    std::function<void(const operate::lane_end&)> ended_later;
    std::function<bool()> takes_configuration; ///< reads it anew; false: it is refused, and nothing is let go for it
    std::mutex& turn; ///< is held by whoever works, and let go while he waits for a lane or for the next round
    std::chrono::milliseconds interval;
};

/// Why the daemon's work came to an end.
enum class daemon_end {
    asked,          ///< SIGTERM, SIGINT
    reload,         ///< SIGHUP: the configuration is to be read anew
    journal_failed, ///< nothing can be recorded, until the journal is opened anew
    journal_opened, ///< the work can begin
    given_up,       ///< it cannot, until a person has mended something
};

/// Takes up what was in flight, then pass after pass, and signed operations as they are dropped, until something is
/// asked. What goes wrong is logged, and the next round tries again.
[[nodiscard]] auto work(operating_session& session, const daemon_sources& from, signals& asked, const io::logger& log)
    -> daemon_end;

} // namespace felhom::agent
