// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/backoff.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/ask.hpp>
#include <felhom/reconcile/actual/observation.hpp>
#include <felhom/reconcile/plan/run_policy.hpp>

#include <tl/expected.hpp>

#include <utility>
#include <vector>

namespace felhom::operate {

/// Asks the node what it is: on that hangs what its configurations mean. Outside a pass nobody has asked yet, and an
/// operation that was interrupted hangs on it: whatever went wrong is read again.
[[nodiscard]] inline auto read_node_facts(node_name node, reconcile::run_policy patience)
    -> reading<tl::expected<lxc::node_facts, reconcile::unread_node>>
{
    for (auto reads = 1U;; ++reads) {
        auto answers = co_await ask_patiently(reconcile::survey_questions(node));
        auto found = reconcile::understand_survey(node, std::move(answers));
        if (found || reads >= patience.most_reads) {
            co_return found.map(reconcile::facts_of);
        }
        const auto jitter = co_await draw_jitter{};
        const auto pause = backoff(patience.read_back_pause, reads, jitter);
        static_cast<void>(co_await sleep_for{pause});
    }
}

} // namespace felhom::operate
