// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/status_board.hpp"
#include "agent/setup/hub_files.hpp"
#include "io/files/drop_box.hpp"
#include "io/log/logger.hpp"

#include <felhom/core/host_id.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/hub/hub_call.hpp>
#include <felhom/hub/report/host_report.hpp>
#include <felhom/hub/report_loop.hpp>

#include <tl/expected.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace felhom::agent {

/// What talking to the hub needs.
struct hub_duties {
    hub::hub_exchange exchange;
    std::function<void()> break_off; ///< ends an exchange that is under way in another thread, without an answer
    host_id host;
    hub::loop_policy policy;
    hub_files files;
    std::function<tl::expected<hub::host_report, hub::report_skipped>()> collect;
    std::function<instant()> now;
    std::function<double()> chance;  ///< from 0 to 1
    std::optional<io::drop_box> box; ///< where signed operations go, if this host may change anything
    bool takes_desired = false;      ///< whether the desired state is the hub's
    std::shared_ptr<status_board> board;
    io::logger log;
    std::function<void()> desired_came = [] {};    ///< is told of a desired state that was kept
    std::function<void()> signed_ops_came = [] {}; ///< is told of bundles that were put into the box
    std::function<void()> heard = [] {};           ///< is told that what the hub named as desired is here
};

} // namespace felhom::agent
