// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/hub/hub_link.hpp"
#include "agent/hub/report_sources.hpp"
#include "agent/setup/session.hpp"
#include "io/journal/journal.hpp"

#include <tl/expected.hpp>

#include <memory>

namespace felhom::agent {

/// A name for this process in its reports.
[[nodiscard]] auto random_run() -> hub::run_id;

/// What this host tells its hub, and by whom. Without a journal that part of the report says so.
[[nodiscard]] auto report_sources_of(const host_id& host, const config::report_settings& what, const node_session& node,
                                     const io::journal* journal, const std::shared_ptr<const status_board>& board)
    -> report_sources;

/// The hub that the configuration names. `box`: where its signed operations go; nothing: it may have nothing changed.
[[nodiscard]] auto open_hub(const config::layered& from, const node_session& node, const io::journal* journal,
                            std::optional<io::drop_box> box, const std::shared_ptr<status_board>& board,
                            const io::logger& log) -> tl::expected<hub_duties, startup_errors>;

} // namespace felhom::agent
