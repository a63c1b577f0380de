// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace felhom {

/// Something that happened on the way, for the log.
struct log_event {
    std::string what;                                           ///< "reads repeated"
    std::vector<std::pair<std::string, std::string>> with = {}; ///< names and values, none of them secret
    bool detail = true;                                         ///< of interest only to whoever looks for a fault

    friend auto operator==(const log_event&, const log_event&) -> bool = default;
};

} // namespace felhom
