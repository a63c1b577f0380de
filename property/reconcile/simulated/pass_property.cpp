// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/operation_io.hpp"
#include "reconcile/gen.hpp"
#include "support/rapidcheck.hpp"
#include "support/simulated_agent.hpp"

#include <felhom/operate/operating_rules.hpp>
#include <felhom/operate/procedures/plan_pass.hpp>
#include <felhom/operate/procedures/run_pass.hpp>
#include <felhom/reconcile/exit_codes.hpp>

#include <range/v3/algorithm/all_of.hpp>
#include <range/v3/algorithm/any_of.hpp>
#include <range/v3/algorithm/find.hpp>

#include <map>
#include <string>

using namespace felhom;
using namespace felhom::reconcile;
using namespace felhom::testing;

namespace {

auto node_with(const std::map<std::uint32_t, gen::stored_guest>& stored, sim::pve_version version) -> sim::node
{
    auto made = sim::demo_world(start_of_simulation, version);
    made.guests.clear();
    for (const auto& [id, holds] : stored) {
        auto text = std::string{};
        auto description = std::string{};
        for (const auto& [key, value] : holds.values) {
            if (key == "description") {
                for (const auto c : "#" + *value) {
                    description += c == '\n' ? std::string{"\n#"} : std::string{c};
                }
                description += "\n";
            } else {
                text += key + ": " + *value + "\n";
            }
        }
        for (const auto& [key, value] : std::map<std::string, std::string>{
                 {"arch", "amd64"}, {"memory", "512"}, {"ostype", "debian"}, {"unprivileged", "1"}}) {
            text += holds.values.contains(key) ? "" : key + ": " + value + "\n";
        }
        text += "rootfs: local-zfs:subvol-" + std::to_string(id) + "-disk-0,size=8G\n";
        sim::add_guest(made, id, description + text, holds.running);
    }
    return made;
}

/// A node of either release and either cgroup version, that folds the case of tags or does not.
auto any_node_with(const std::map<std::uint32_t, gen::stored_guest>& stored) -> sim::node
{
    const auto version = *rc::gen::element(sim::pve_version::v8, sim::pve_version::v9);
    auto made = node_with(stored, version);
    made.settings.cgroup = version == sim::pve_version::v8 ? *rc::gen::element(1, 2) : 2;
    made.settings.tags_case_sensitive = *rc::gen::arbitrary<bool>();
    return made;
}

auto input_for(desired_state desired) -> operate::pass_input
{
    return {.node = *node_name::parse("pve1"),
            .token = *proxmox::token_id::parse(sim::demo_tokens::agent),
            .desired = std::move(desired),
            .last_inventory = {}};
}

auto interactive() -> operate::operating_rules
{
    return {.at = {.node = *node_name::parse("pve1"), .facts = {}, .patience = {}},
            .user = sim::demo_tokens::agent,
            .gate = {.here = *host_id::parse("pve1")},
            .guard = {.who = operate::run_mode::interactive, .accepts_mass_change = true}};
}

/// What a guest holds, key by key, in both views.
auto content_of(const sim::node& node) -> std::map<sim::guest_id, std::map<std::string, std::string>>
{
    auto all = std::map<sim::guest_id, std::map<std::string, std::string>>{};
    for (const auto& [id, guest] : node.guests) {
        for (const auto& [key, value] : guest.config.current) {
            all[id][key] = value;
        }
    }
    return all;
}

/// Somebody says stop: the hub, or the host's owner.
void hold(operate::host_switches& around)
{
    if (*rc::gen::arbitrary<bool>()) {
        around.blocked = true;
    } else {
        around.paused = "said so";
    }
}

auto of_any_attendance() -> operate::operating_rules
{
    auto rules = interactive();
    rules.guard.who = *rc::gen::element(operate::run_mode::interactive, operate::run_mode::unattended);
    rules.guard.enforces = true;
    return rules;
}

} // namespace

TEST_CASE("laws of a pass over the simulated node")
{
    rc::prop("a pass that was carried out leaves no action for the next, and no write that is not needed", [] {
        const auto desired = *gen::desired_states();
        auto world = simulated_agent{any_node_with(*gen::stored_guests())};
        const auto input = input_for(desired);
        const auto pass = agent::run(world.start(), operate::run_pass(input, interactive()));
        RC_ASSERT(pass.has_value());
        RC_ASSERT(pass->results.size() == pass->planned.plan.actions().size());
        for (const auto& result : pass->results) {
            RC_LOG() << describe(result.outcome) << "\n";
        }
        RC_ASSERT(ranges::all_of(pass->results, [](const action_result& r) { return is_achieved(r.outcome); }));
        const auto again = agent::run(world.outside().view(), operate::plan_pass(input));
        RC_ASSERT(again.has_value());
        RC_ASSERT(again->plan.actions().empty());
    });

    rc::prop("what is not desired is not touched", [] {
        const auto desired = *gen::desired_states();
        auto world = simulated_agent{any_node_with(*gen::stored_guests())};
        const auto before = content_of(world.node());
        const auto input = input_for(desired);
        RC_ASSERT(agent::run(world.start(), operate::run_pass(input, interactive())).has_value());
        for (const auto& [id, values] : content_of(world.node())) {
            const auto wanted = ranges::find(desired.guests, static_cast<std::uint32_t>(id),
                                             [](const auto& g) { return g.id.number(); });
            for (const auto& [key, value] : values) {
                const auto managed =
                    wanted != desired.guests.end()
                    && ranges::any_of(wanted->entries, [&](const desired_entry& e) { return e.key == key; });
                RC_ASSERT(managed || (before.at(id).contains(key) && before.at(id).at(key) == value));
            }
        }
    });

    rc::prop("while the hub blocks or the owner pauses, nothing is changed", [] {
        auto world = simulated_agent{any_node_with(*gen::stored_guests())};
        auto changes = 0;
        world.on_call = [&](const proxmox::request& call, const operate::ledger& /*known*/) {
            changes += call.method() == net::http_method::get ? 0 : 1;
        };
        hold(world.around);
        const auto pass =
            agent::run(world.start(), operate::run_pass(input_for(*gen::desired_states()), of_any_attendance()));
        RC_ASSERT(pass.has_value());
        RC_ASSERT(changes == 0);
        RC_ASSERT(pass->results.empty());
    });

    rc::prop("from the moment on when one of them says so, no action is begun", [] {
        auto world = simulated_agent{any_node_with(*gen::stored_guests())};
        world.guests_at_once = 1;
        const auto last = *rc::gen::inRange(1, 4);
        auto changes = 0;
        world.on_call = [&](const proxmox::request& call, const operate::ledger& /*known*/) {
            changes += call.method() == net::http_method::get ? 0 : 1;
            if (changes == last) {
                hold(world.around);
            }
        };
        RC_ASSERT(agent::run(world.start(), operate::run_pass(input_for(*gen::desired_states()), of_any_attendance()))
                      .has_value());
        RC_ASSERT(changes <= last); // which is under way
    });
}
