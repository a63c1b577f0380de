#pragma once

#include "agent/console.hpp"
#include "agent/hub_link.hpp"
#include "agent/operating_session.hpp"

#include <felhom/core/exit_code.hpp>

#include <string>

namespace felhom::agent {

/// What is done with a report.
struct report_use {
    bool send; ///< to the hub; its envelope is printed, and what it says left to the daemon
    bool show;
};

/// Collects a report, changing nothing.
[[nodiscard]] auto run_report(const hub_duties& duties, const hub::run_id& run, const report_use& use,
                              const console& to) -> exit_code;

/// From now on this host takes a desired state of any generation; the journal tells `by` whom.
[[nodiscard]] auto run_desired_reset(operating_session& session, const hub_files& files, const std::string& by,
                                     const console& to) -> exit_code;

} // namespace felhom::agent
