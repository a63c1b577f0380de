// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/hub/hub_policy.hpp>
#include <felhom/operate/guard.hpp>
#include <felhom/present/text_style.hpp>
#include <felhom/reconcile/plan/plan.hpp>
#include <felhom/reconcile/plan/skip_reason.hpp>

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::present {

using reconcile::action;
using reconcile::config_change;
using reconcile::grow_volume;
using reconcile::plan;
using reconcile::shutdown_guest;
using reconcile::skipped;
using reconcile::start_guest;
using reconcile::update_config;

/// What is told of a plan and does not stand in it.
struct plan_context {
    node_name node;
    std::string source;                                               ///< of the desired state: "empty", "file", "hub"
    std::vector<hub::policy_refusal> refused = {};                    ///< what local policy keeps from the hub
    std::optional<operate::too_many_at_once> too_many = std::nullopt; ///< what keeps `apply` from all of it
};

/// What a plan comes to.
struct plan_counts {
    std::size_t change = 0; ///< guests
    std::size_t start = 0;
    std::size_t stop = 0;
    std::size_t not_applied = 0; ///< differences
    std::size_t waiting = 0;
    std::size_t unread = 0; ///< guests

    friend auto operator==(const plan_counts&, const plan_counts&) -> bool = default;
};

[[nodiscard]] inline auto counts_of(const plan& plan, const plan_context& around) -> plan_counts
{
    auto changed = std::set<vmid>{};
    auto counts = plan_counts{.not_applied = around.refused.size()};
    for (const auto& step : plan.actions()) {
        std::visit(overloaded{[&](const start_guest&) { ++counts.start; },
                              [&](const shutdown_guest&) { ++counts.stop; },
                              [&](const auto& one) { changed.insert(one.id); }},
                   step);
    }
    auto unread = std::set<vmid>{};
    for (const auto& skip : plan.skips()) {
        switch (knowledge_of(skip.why)) {
        case reconcile::knowledge::in_sync:
            ++counts.waiting;
            break;
        case reconcile::knowledge::differs:
            ++counts.not_applied;
            break;
        case reconcile::knowledge::not_known:
            unread.insert(skip.id);
            break;
        }
    }
    counts.change = changed.size();
    counts.unread = unread.size();
    return counts;
}

/// "Plan for pve1, generation 7 (file): 3 to change, 1 to start, 0 to stop; 5 cannot be applied, 2 wait for a restart".
[[nodiscard]] inline auto summary_of(const plan& plan, const plan_context& around) -> std::string
{
    const auto counts = counts_of(plan, around);
    auto text =
        "Plan for " + around.node.text() + ", "
        + (around.source == "empty" ? std::string{"nothing desired"}
                                    : "generation " + std::to_string(plan.generation()) + " (" + around.source + ")");
    text += !plan.actions().empty()
                ? ": " + std::to_string(counts.change) + " to change, " + std::to_string(counts.start) + " to start, "
                      + std::to_string(counts.stop) + " to stop"
            : counts.unread == 0 ? ": no changes to apply, " + count(plan.compared(), "guest", "guests") + " checked"
                                 : ": not known whether there is anything to do";
    auto separator = std::string{"; "};
    const auto add = [&](std::size_t number, const std::string& what) {
        text += number == 0 ? "" : std::exchange(separator, ", ") + what;
    };
    add(counts.not_applied, std::to_string(counts.not_applied) + " cannot be applied");
    add(counts.waiting, count(counts.waiting, "waits for a restart", "wait for a restart"));
    add(counts.unread, count(counts.unread, "guest", "guests") + " could not be read");
    return text;
}

} // namespace felhom::present
