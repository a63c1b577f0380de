// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/verify/verify_command.hpp"

#include <felhom/core/log_level.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/hash_chain/head.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace felhom::agent {

struct plan_command {
    std::vector<vmid> guests; ///< these only; none: all
    bool only_summary = false;
    bool full = false; ///< nothing is cut
};
struct apply_command {
    bool accept_inventory = false;   ///< guests may have vanished since the last pass
    bool accept_mass_change = false; ///< many guests may be changed at once
    bool yes = false;                ///< nobody is asked
};
struct run_command {
    bool once = false; ///< one pass and one look into the drop box
};
struct submit_command {
    std::string bundle;
};
struct ops_list_command {};
struct ops_show_command {
    std::uint64_t id;
};
struct ops_ack_command {
    std::uint64_t id;
};
struct ops_release_command {
    vmid guest;
};
struct journal_list_command {
    std::size_t last;
};
struct journal_show_command {
    std::uint64_t seq;
};
struct journal_verify_command {
    std::optional<hash_chain::head> noted; ///< a head that was written down elsewhere
};
struct pause_command {
    std::string reason;
};
struct resume_command {};
struct clock_is_right_command {};
struct explain_command {
    vmid guest;
};
struct import_command {
    std::vector<vmid> guests;       ///< none: all
    std::vector<std::string> keys;  ///< none: what a plan may write
    std::optional<std::string> out; ///< a file; nothing: the standard output
    bool force = false;             ///< replaces it
};
struct selftest_read_command {};
struct selftest_task_command {
    vmid guest;
};
struct report_command {
    bool send = false; ///< to the hub, and show its answer
    bool show = true;  ///< the report itself
};
struct desired_reset_command {};
struct status_command {
    std::optional<std::string> socket; ///< nothing: in the state directory
};
struct doctor_command {};
struct config_check_command {
    std::string part = "configured";
};
struct config_show_command {};
struct version_command {};
struct verify_command {
    verify_options options;
};

using command =
    std::variant<plan_command, apply_command, run_command, submit_command, ops_list_command, ops_show_command,
                 ops_ack_command, ops_release_command, journal_list_command, journal_show_command,
                 journal_verify_command, pause_command, resume_command, clock_is_right_command, explain_command,
                 import_command, report_command, desired_reset_command, status_command, doctor_command,
                 selftest_read_command, selftest_task_command, config_check_command, config_show_command,
                 version_command, verify_command>;

/// The command line as it was typed.
struct command_line {
    std::optional<std::string> config;
    bool json = false;
    bool colour = true;
    std::optional<log_level> level; ///< nothing: what the configuration says
    command run;
};

/// There is nothing to run: help was asked for (status 0), or the line was wrong (64). The text has been printed.
struct nothing_to_run {
    int status;
};

[[nodiscard]] auto parse_command_line(int count, const char* const* arguments)
    -> std::variant<command_line, nothing_to_run>;

} // namespace felhom::agent
