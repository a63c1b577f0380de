// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace felhom::sim::schema_text {

extern const std::string_view pve_8;
extern const std::string_view pve_9;
extern const std::string_view further;      ///< calls that the agent's extract of the schema leaves out
extern const std::string_view surroundings; ///< answers of calls behind which this node keeps no state

} // namespace felhom::sim::schema_text
