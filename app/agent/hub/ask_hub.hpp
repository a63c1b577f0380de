// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/setup/operating_session.hpp"
#include "agent/setup/session.hpp"
#include "io/log/logger.hpp"

#include <felhom/config/layered.hpp>

#include <optional>
#include <string>

namespace felhom::agent {

/// Asks the hub, where there is one, before a single unattended pass: until it has answered and what it names as
/// desired is here, or its time is over.
void ask_hub(const config::layered& from, const node_session& node, operating_session& session, const io::logger& log);

/// For a person, who does not wait for the hub: how old what it said is. Nothing where there is no hub.
[[nodiscard]] auto age_of_hubs_word(const config::layered& from, instant now) -> std::optional<std::string>;

} // namespace felhom::agent
