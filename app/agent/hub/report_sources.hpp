#pragma once

#include "agent/engine/node_io.hpp"

#include <felhom/core/host_id.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/host_tools/run.hpp>
#include <felhom/hub/host_report.hpp>
#include <felhom/hub/last_pass.hpp>

#include <functional>
#include <string>
#include <vector>

namespace felhom::agent {

/// Everything that is asked for one report.
struct report_sources {
    host_id host;
    std::string agent_version;
    node_name node;
    node_io in;
    host_tools::run run;
    std::function<hub::observed<hub::audit_tail>()> audit_tail;
    std::function<hub::observed<std::vector<hub::unknown_operation>>()> unknown_operations;
    std::function<hub::last_pass()> last_pass;
    std::function<tl::expected<bool, hub::source_error>()> is_clock_synchronized;
    std::function<std::optional<clock_step>()> clock_set = {}; ///< the last time that somebody set the clock
    /// The disks to ask, or why none is asked.
    std::function<tl::expected<std::vector<host_tools::disk_device>, hub::source_error>()> disks;
    bool temperatures = false; ///< are asked for
    /// What cloudflared says of its tunnel; null: nobody asks it.
    std::function<tl::expected<hub::tunnel_readiness, hub::source_error>()> tunnel;
};

/// Asks all of them, changes nothing, and answers what they said.
[[nodiscard]] auto collect(const report_sources& from) -> hub::host_observations;

/// The disks that Linux lists in a directory like /sys/block: those behind which stands a device.
[[nodiscard]] auto disks_in(const std::string& directory)
    -> tl::expected<std::vector<host_tools::disk_device>, hub::source_error>;

} // namespace felhom::agent
