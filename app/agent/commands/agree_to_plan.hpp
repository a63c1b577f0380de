// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/node_io.hpp"
#include "agent/setup/console.hpp"
#include "agent/setup/session.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/operate/consent.hpp>
#include <felhom/operate/guard.hpp>

#include <tl/expected.hpp>

#include <istream>
#include <optional>

namespace felhom::agent {

/// Who is asked before a plan is applied.
struct asked_person {
    std::istream& answers;
    bool said_yes = false; ///< on the command line, to whatever the plan is
    bool can_ask = false;  ///< answers come from a terminal, and the plan is shown on one
};

/// Shows what `apply` is about to do, and asks for leave where that is needed. Answers what was agreed to, or nothing
/// where that is whatever the plan will be; or the exit status where it is not to be applied. Changes nothing.
[[nodiscard]] auto agree_to_plan(const node_io& in, const loaded_pass& asked, const operate::guard_policy& guard,
                                 const asked_person& whom, const console& to)
    -> tl::expected<std::optional<operate::consent>, exit_code>;

} // namespace felhom::agent
