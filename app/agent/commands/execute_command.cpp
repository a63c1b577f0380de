// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/execute_command.hpp"

#include "agent/commands/hub_commands.hpp"
#include "agent/commands/operation_commands.hpp"
#include "agent/commands/selftest.hpp"
#include "agent/hub/ask_hub.hpp"
#include "agent/setup/startup.hpp"

#include <felhom/config/settings.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/hub/report/pass_status.hpp>
#include <felhom/reconcile/exit_codes.hpp>

#include <cstdint>
#include <random>
#include <variant>

namespace felhom::agent {

namespace {

[[nodiscard]] auto refuse(const startup_errors& lines, const console& to) -> exit_code
{
    for (const auto& line : lines.lines()) {
        to.err << "error: " << line << "\n";
    }
    return local_api::exit_code_of(lines.what());
}

/// One pass; the inventory that it saw is kept.
[[nodiscard]] auto pass(const command_context& in, const operate::operating_rules& rules, bool accept_inventory,
                        const hub::restart_counts& restarts, const console& to,
                        pass_output tells = pass_output::plan_and_results) -> exit_code
{
    const auto input = load_pass(in.from, in.node, accept_inventory, restarts);
    if (!input) {
        return refuse(input.error(), to);
    }
    auto kept = exit_code::success;
    const auto remember = [&](const reconcile::inventory& seen) {
        if (const auto written = keep_inventory(in.from, seen); !written) {
            kept = refuse(written.error(), to);
        }
    };
    const auto applied = run_apply(in.session.view(in.wait), *input, rules, to, remember, tells);
    return reconcile::gravest({applied, kept});
}

/// What counts against the hub's restarts a day. Whoever runs a pass himself is not held by it.
[[nodiscard]] auto restarts_in(const command_context& in) -> hub::restart_counts
{
    auto counts = hub::restart_counts{};
    in.session.journal().look(
        [&](const operate::ledger& known) { counts = hub::restarts_of(known, in.node.in.now()); });
    return counts;
}

[[nodiscard]] auto interactive(operate::operating_rules rules, const local_api::apply_once& asked)
    -> operate::operating_rules
{
    rules.guard.who = operate::run_mode::interactive;
    rules.guard.accepts_mass_change = asked.accept_mass_change;
    rules.guard.agreed = asked.agreed;
    return rules;
}

[[nodiscard]] auto random_number() -> std::uint64_t
{
    auto source = std::random_device{};
    return (std::uint64_t{source()} << 32U) | source();
}

/// Who stands by does not wait for the hub, and is told how old its word is.
void tell_age_of_hubs_word(const command_context& in, const console& to)
{
    if (const auto age = age_of_hubs_word(in.from, in.node.in.now())) {
        to.err << "note: " << *age << "\n";
    }
}

} // namespace

auto execute_command(const local_api::handed_command& handed, const command_context& in, const std::string& by,
                     const console& to) -> exit_code
{
    const auto& rules = in.session.rules();
    const auto code = std::visit(
        overloaded{
            [&](const local_api::apply_once& c) {
                tell_age_of_hubs_word(in, to);
                return pass(in, interactive(rules, c), c.accept_inventory, {}, to, pass_output::results);
            },
            [&](const local_api::pass_once&) {
                const auto taken_in = run_intake(in.session, in.session.view(in.wait), to);
                return reconcile::gravest({taken_in, pass(in, rules, /*accept_inventory=*/false, restarts_in(in), to)});
            },
            [&](const local_api::submit_bundle& c) {
                tell_age_of_hubs_word(in, to);
                return run_submit(in.session, in.session.view(in.wait), c.name, c.text, to);
            },
            [&](const local_api::acknowledge_operation& c) { return run_ops_ack(in.session, c.id, by, to); },
            [&](const local_api::release_guest& c) { return run_ops_release(in.session, c.guest, by, to); },
            [&](const local_api::reset_generation&) {
                return run_desired_reset(in.session, hub_files{config::read_state(in.from)->directory}, by, to);
            },
            [&](const local_api::selftest_guest& c) {
                return run_selftest_task(in.session.view(in.wait), rules, c.guest, in.node.token, random_number(), to);
            },
        },
        handed);
    if (const auto why = in.session.journal().failure()) {
        return fail(
            "nothing can be recorded any more, so what was under way was let go, and is taken up by the next run: "
                + *why,
            to);
    }
    return code;
}

} // namespace felhom::agent
