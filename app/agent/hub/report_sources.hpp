// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/node_io.hpp"

#include <felhom/host_tools/run.hpp>
#include <felhom/hub/report/collect_observations.hpp>
#include <felhom/hub/report/host_report.hpp>

#include <tl/expected.hpp>

#include <functional>
#include <string>
#include <vector>

namespace felhom::agent {

/// Everything that is asked for one report.
struct report_sources {
    hub::report_subject of;
    node_io in;
    host_tools::run run;
    std::function<hub::own_observations()> own;
    /// The disks to ask, or why none is asked.
    std::function<tl::expected<std::vector<host_tools::disk_device>, hub::source_error>()> disks;
    /// What cloudflared says of its tunnel; null: nobody asks it.
    std::function<tl::expected<hub::tunnel_readiness, hub::source_error>()> tunnel;
};

/// Asks all of them, changes nothing, and answers what they said.
[[nodiscard]] auto collect(const report_sources& from) -> hub::host_observations;

/// The disks that Linux lists in a directory like /sys/block: those behind which stands a device.
[[nodiscard]] auto disks_in(const std::string& directory)
    -> tl::expected<std::vector<host_tools::disk_device>, hub::source_error>;

} // namespace felhom::agent
