#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/operate/ask.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/reconcile/observation.hpp>
#include <felhom/reconcile/run_policy.hpp>

#include <tl/expected.hpp>

#include <utility>
#include <vector>

namespace felhom::operate {

/// Asks the node what it is: on that hangs what its configurations mean. Outside a pass nobody has asked yet.
[[nodiscard]] inline auto read_node_facts(node_name node, reconcile::run_policy patience)
    -> reading<tl::expected<lxc::node_facts, reconcile::unread_node>>
{
    const auto policy =
        proxmox::read_retry_policy{.most_attempts = patience.most_reads, .pause = patience.read_back_pause};
    auto answers = co_await ask_patiently(reconcile::survey_questions(node), policy);
    co_return reconcile::understand_survey(node, std::move(answers)).map(reconcile::facts_of);
}

} // namespace felhom::operate
