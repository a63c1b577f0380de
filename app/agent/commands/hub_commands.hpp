// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/hub/hub_link.hpp"
#include "agent/setup/console.hpp"
#include "agent/setup/operating_session.hpp"

#include <felhom/core/exit_code.hpp>

#include <optional>
#include <string>

namespace felhom::agent {

/// What is done with a report.
struct report_use {
    bool send; ///< to the hub; its envelope is printed, and what it says left to the daemon
    bool show;
};

/// Has the daemon that holds this state directory make a report: only it knows its journal and its passes, and what it
/// sends stands in its place among the others. Nothing: no daemon answers there.
[[nodiscard]] auto ask_for_report(const std::string& state_directory, const report_use& use, const console& to)
    -> std::optional<exit_code>;

/// Collects a report where no daemon is running, changing nothing. What only a daemon knows is not collected, and the
/// report is marked as a trial.
[[nodiscard]] auto try_report(const hub_duties& duties, const hub::run_id& run, const report_use& use,
                              const console& to) -> exit_code;

/// From now on this host takes a desired state of any generation; the journal tells `by` whom.
[[nodiscard]] auto run_desired_reset(operating_session& session, const hub_files& files, const std::string& by,
                                     const console& to) -> exit_code;

} // namespace felhom::agent
