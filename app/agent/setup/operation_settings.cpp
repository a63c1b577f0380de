// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/operation_settings.hpp"

#include <felhom/config/load_signers.hpp>

#include <chrono>
#include <utility>

namespace felhom::agent {

namespace {

using failed = tl::unexpected<startup_errors>;

[[nodiscard]] auto patience_of(const config::reconcile_settings& rules) -> reconcile::run_policy
{
    return {.shutdown_timeout = std::chrono::duration_cast<proxmox::timeout_seconds>(rules.stop_timeout),
            .most_guests_at_once = static_cast<std::uint32_t>(rules.max_parallel)};
}

/// Who may sign, and under which rules.
struct signing_rules {
    operate::gate_policy gate;
    std::shared_ptr<const authz::signers> signers;
    std::string veto_file;
};

[[nodiscard]] auto signing_rules_of(const config::layered& from, const node_name& node)
    -> tl::expected<signing_rules, startup_errors>
{
    if (from.find(config::key<std::vector<config::signer_entry>>{"authz.signers"}) == nullptr) {
        // Nobody may sign: an operation is refused before its target is looked at.
        return host_id::parse(node.text())
            .map([](host_id here) {
                return signing_rules{.gate = {.here = std::move(here)}, .signers = {}, .veto_file = {}};
            })
            .map_error([](const parse_error& error) { return startup_errors{felhom::describe(error)}; });
    }
    auto settings = config::read_authz(from);
    if (!settings) {
        return failed{lines_of(settings.error())};
    }
    auto signers = config::load_signers(from);
    if (!signers) {
        return failed{lines_of(signers.error())};
    }
    return signing_rules{.gate = {.here = std::move(settings->host),
                                  .times = settings->policy,
                                  .quorums = std::move(settings->quorums),
                                  .digest_required_for = std::move(settings->digest_required_for)},
                         .signers = std::make_shared<const authz::signers>(*std::move(signers)),
                         .veto_file = std::move(settings->veto_file)};
}

} // namespace

auto guard_policy_of(const config::reconcile_settings& rules) -> operate::guard_policy
{
    return {.enforces = rules.mode == config::reconcile_mode::enforce,
            .most_failures = static_cast<std::uint32_t>(rules.park_after),
            .restarts_a_day = static_cast<std::size_t>(rules.restarts_per_day),
            .changing_count = static_cast<std::size_t>(rules.hold_when_changing_count),
            .changing_percent = static_cast<std::size_t>(rules.hold_when_changing_percent)};
}

auto load_operation_settings(const config::layered& from, const node_session& node)
    -> tl::expected<operation_settings, startup_errors>
{
    const auto state = config::read_state(from);
    const auto journal = config::read_journal(from);
    const auto rules = config::read_reconcile(from);
    if (!state || !journal || !rules) {
        return failed{lines_of(config::check(from, config::part::reconcile | config::part::state))};
    }
    auto signing = signing_rules_of(from, node.node);
    if (!signing) {
        return failed{std::move(signing).error()};
    }
    auto guard = guard_policy_of(*rules);
    guard.clock_tolerance = signing->gate.times.tolerated();
    return operation_settings{
        .state_directory = state->directory,
        .journal_path = journal->path,
        .journal = {.segment_bytes = journal->segment_bytes,
                    .kept_segments = static_cast<std::size_t>(journal->kept_segments)},
        .rules = {.at = {.node = node.node, .facts = {}, .patience = patience_of(*rules)},
                  .user = node.token.text(),
                  .gate = std::move(signing->gate),
                  .search = {.settles_within = rules->settle},
                  .guard = guard},
        .signers = std::move(signing->signers),
        .guests_at_once = static_cast<std::size_t>(rules->max_parallel),
        .keep_results = journal->keep_results,
        .veto_file = std::move(signing->veto_file),
        .has_hub = config::includes(config::configured_parts(from), config::part::hub),
    };
}

} // namespace felhom::agent
