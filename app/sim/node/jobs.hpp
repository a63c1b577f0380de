// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/node/node.hpp"

namespace felhom::sim {

/// The guest whose file lock the worker needs, if it needs one.
[[nodiscard]] auto guest_to_lock(const any_job& work) -> std::optional<guest_id>;

/// The worker has its locks: it makes its checks, marks what it works on and says how it will go.
[[nodiscard]] auto begin_job(node& on, task& of) -> course;

/// The worker's time is over and it did not fail: its effect.
void complete_job(node& on, task& of);

/// The worker ended in any way: what it had marked is cleared.
void clear_marks(node& on, const task& of);

} // namespace felhom::sim
