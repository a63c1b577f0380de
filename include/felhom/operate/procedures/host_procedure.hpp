// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/procedure.hpp>
#include <felhom/operate/effect.hpp>
#include <felhom/operate/lane_job.hpp>
#include <felhom/operate/ledger.hpp>

#include <utility>
#include <variant>
#include <vector>

namespace felhom::operate {

/// What the journal's records add up to now.
struct read_ledger {
    using answer = ledger;
};

/// Puts jobs into their guests' lanes, and waits for their ends, or for as long as they are waited for.
struct run_in_lanes {
    using answer = std::vector<lane_end>; ///< as many, in their order

    explicit run_in_lanes(std::vector<lane_job> all) : jobs{std::move(all)} {}

    std::vector<lane_job> jobs;
};

/// What whoever works on all guests may ask of the world. He calls nothing himself: that is done in the lanes.
using host_effect =
    std::variant<read_node, sleep_for, draw_jitter, read_clock, look_around, append, read_ledger, run_in_lanes>;

/// What is done about the host as a whole.
template <typename T>
using host_procedure = felhom::procedure<host_effect, T>;

} // namespace felhom::operate
