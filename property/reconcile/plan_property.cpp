// SPDX-License-Identifier: Apache-2.0
#include "reconcile/builders.hpp"
#include "reconcile/gen.hpp"
#include "support/rapidcheck.hpp"

#include <felhom/reconcile/plan/planner.hpp>

#include <range/v3/algorithm/any_of.hpp>
#include <range/v3/algorithm/find.hpp>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>

using namespace felhom;
using namespace felhom::lxc;
using namespace felhom::reconcile;
using namespace felhom::testing;

namespace {

/// Whether something that is so one time in so many is so.
auto once_in(int times) -> bool
{
    return *rc::gen::inRange(0, times) == 0;
}

/// A stored guest as it was read: with changes that wait, locked, a template, or not read at all, now and then.
auto read_of(std::uint32_t id, const gen::stored_guest& holds) -> actual_guest
{
    auto guest = actual_guest_builder{id};
    guest.with("unprivileged", "1");
    for (const auto& [key, value] : holds.values) {
        if (!once_in(6)) {
            guest.with(key, *value);
        } else if (once_in(2)) {
            guest.pending_removal(key, *value);
        } else {
            guest.pending(key, once_in(2) ? std::nullopt : std::optional<std::string>{"x"}, *value);
        }
    }
    if (!holds.running) {
        guest.stopped();
    }
    if (once_in(8)) {
        guest.locked(*rc::gen::element<std::string>("backup", "mounted"));
    }
    if (once_in(10)) {
        guest.a_template();
    }
    if (once_in(10)) {
        guest.unreadable(interrupted());
    }
    return guest.build();
}

/// What a token may do on some guests, and below them.
auto any_permissions(const std::vector<actual_guest>& guests) -> proxmox::permissions
{
    auto granted = proxmox::permissions{};
    for (const auto& guest : guests) {
        auto at = proxmox::path_permissions{.path = "/vms/" + guest.id.text(), .privileges = {}};
        for (const auto* const privilege : {"VM.Allocate", "VM.Config.CPU", "VM.Config.Memory", "VM.Config.Network",
                                            "VM.Config.Options", "VM.PowerMgmt"}) {
            if (!once_in(4)) {
                at.privileges.push_back({.name = privilege, .propagates = true});
            }
        }
        granted.paths.push_back(std::move(at));
    }
    if (once_in(2)) {
        granted.paths.insert(granted.paths.begin(), {.path = "/sdn/zones/localnetwork",
                                                     .privileges = {{.name = "SDN.Use", .propagates = true}}});
    }
    return granted;
}

/// Guests that nothing keeps from being written.
auto free_guests(const std::map<std::uint32_t, gen::stored_guest>& stored) -> actual_state
{
    auto guests = std::vector<actual_guest>{};
    for (const auto& [id, holds] : stored) {
        auto guest = actual_guest_builder{id};
        guest.with("unprivileged", "1");
        for (const auto& [key, value] : holds.values) {
            guest.with(key, *value);
        }
        guests.push_back((holds.running ? guest : guest.stopped()).build());
    }
    return observed(std::move(guests));
}

auto actual_of(const std::map<std::uint32_t, gen::stored_guest>& stored) -> actual_state
{
    auto guests = std::vector<actual_guest>{};
    for (const auto& [id, holds] : stored) {
        guests.push_back(read_of(id, holds));
    }
    auto actual = observed(std::move(guests));
    if (once_in(2)) {
        actual.granted = any_permissions(actual.guests);
    }
    return actual;
}

auto plan_of(const desired_state& desired, const actual_state& actual) -> plan
{
    return planned(*normalize(desired, {.release = {9, 1}}, key_table::standard()), actual);
}

/// What the node would hold after an action, as far as a plan looks at it.
void execute(actual_state& to, const action& step)
{
    auto& guest = *ranges::find(to.guests, guest_of(step), &actual_guest::id);
    std::visit(overloaded{
                   [&](const update_config& s) {
                       auto& entries = std::get<actual_config>(guest.config).entries;
                       for (const auto& change : s.changes) {
                           std::erase_if(entries, [&](const auto& e) { return e.key == change.key; });
                           if (change.to) {
                               entries.push_back({.key = change.key, .value = change.to});
                           }
                       }
                       std::ranges::sort(entries, {}, &proxmox::pending_entry::key);
                   },
                   [&](const grow_volume& s) {
                       auto& entries = std::get<actual_config>(guest.config).entries;
                       auto& value = ranges::find(entries, s.disk.text(), &proxmox::pending_entry::key)->value;
                       value = value->substr(0, value->find(",size=")) + ",size=" + s.to.text();
                   },
                   [&](const start_guest&) { guest.run = run_state::running; },
                   [&](const shutdown_guest&) { guest.run = run_state::stopped; },
               },
               step);
}

/// Every single difference that a plan acts on: "101 memory", "101 run_state".
auto differences(const plan& made) -> std::set<std::string>
{
    auto all = std::set<std::string>{};
    for (const auto& step : made.actions()) {
        const auto id = guest_of(step).text();
        if (const auto* const update = std::get_if<update_config>(&step)) {
            for (const auto& change : update->changes) {
                all.insert(id + " " + change.key);
            }
        } else {
            all.insert(id + " run_state");
        }
    }
    return all;
}

/// Those that are left until the guest is started again.
auto left_waiting(const plan& made) -> std::set<std::string>
{
    auto all = std::set<std::string>{};
    for (const auto& left : made.skips()) {
        if (std::holds_alternative<waiting_value_stays>(left.why)) {
            all.insert(left.id.text() + " " + left.key);
        }
    }
    return all;
}

} // namespace

TEST_CASE("laws of the plan")
{
    rc::prop("the order in which guests and keys are written does not matter, nor does planning again", [] {
        auto desired = *gen::desired_states();
        const auto actual = actual_of(*gen::stored_guests());
        const auto first = plan_of(desired, actual);
        RC_ASSERT(plan_of(desired, actual) == first);
        auto random = std::minstd_rand{*rc::gen::arbitrary<std::uint32_t>()};
        std::shuffle(desired.guests.begin(), desired.guests.end(), random);
        for (auto& guest : desired.guests) {
            std::shuffle(guest.entries.begin(), guest.entries.end(), random);
        }
        RC_ASSERT(plan_of(desired, actual) == first);
    });

    rc::prop("a plan that was carried out leaves nothing to plan", [] {
        const auto desired = *gen::desired_states();
        auto actual = actual_of(*gen::stored_guests());
        const auto made = plan_of(desired, actual);
        for (const auto& step : made.actions()) {
            execute(actual, step);
        }
        // What waits for a restart can be unset only once the guest is stopped.
        const auto until_then = left_waiting(made);
        RC_ASSERT(std::ranges::all_of(differences(plan_of(desired, actual)),
                                      [&](const std::string& difference) { return until_then.contains(difference); }));
    });

    rc::prop("a plan is minimal: whatever single difference is dropped from it is still there afterwards", [] {
        const auto desired = *gen::desired_states();
        const auto actual = free_guests(*gen::stored_guests());
        const auto made = plan_of(desired, actual);
        const auto all = differences(made);
        RC_PRE(!all.empty());
        const auto choices = std::vector<std::string>(all.begin(), all.end());
        const auto dropped = choices[*rc::gen::inRange<std::size_t>(0, choices.size())];
        auto after = actual;
        for (auto step : made.actions()) {
            const auto id = guest_of(step).text();
            if (auto* const update = std::get_if<update_config>(&step)) {
                std::erase_if(update->changes, [&](const auto& c) { return id + " " + c.key == dropped; });
            } else if (id + " run_state" == dropped) {
                continue;
            }
            execute(after, step);
        }
        RC_ASSERT(differences(plan_of(desired, after)) == std::set<std::string>{dropped});
    });

    rc::prop("a plan touches no key and no guest that is not desired", [] {
        const auto desired = *gen::desired_states();
        const auto made = plan_of(desired, actual_of(*gen::stored_guests()));
        for (const auto& step : made.actions()) {
            const auto guest = ranges::find(desired.guests, guest_of(step), &desired_guest::id);
            RC_ASSERT(guest != desired.guests.end());
            if (const auto* const update = std::get_if<update_config>(&step)) {
                for (const auto& change : update->changes) {
                    RC_ASSERT(ranges::any_of(guest->entries, [&](const auto& e) { return e.key == change.key; }));
                }
            } else {
                RC_ASSERT(guest->run.has_value());
            }
        }
    });

    rc::prop("a plan does nothing that a lock, a template, an unread configuration or a missing privilege forbids", [] {
        const auto desired = *gen::desired_states();
        const auto actual = actual_of(*gen::stored_guests());
        const auto made = plan_of(desired, actual);
        const auto may = [&](vmid id, std::string_view privilege) {
            return !actual.granted
                   || ranges::any_of(actual.granted->on("/vms/" + id.text()),
                                     [&](const std::string& held) { return held == privilege; });
        };
        for (const auto& step : made.actions()) {
            const auto& guest = *ranges::find(actual.guests, guest_of(step), &actual_guest::id);
            if (const auto* const update = std::get_if<update_config>(&step)) {
                RC_ASSERT(!guest.lock);
                RC_ASSERT(std::holds_alternative<actual_config>(guest.config));
                for (const auto& change : update->changes) {
                    RC_ASSERT(may(guest.id, change.rule->privilege));
                    RC_ASSERT(change.key != "protection" || change.normal == "1");
                }
            } else {
                RC_ASSERT(!guest.is_template);
                RC_ASSERT(guest.lock.value_or("mounted") == "mounted");
                RC_ASSERT(may(guest.id, "VM.PowerMgmt"));
            }
        }
    });

    rc::prop("guests come by vmid, and a guest's configuration before its run state", [] {
        const auto made = plan_of(*gen::desired_states(), actual_of(*gen::stored_guests()));
        const auto rank = [](const action& step) {
            return std::pair{guest_of(step), std::holds_alternative<update_config>(step) ? 0 : 1};
        };
        RC_ASSERT(std::is_sorted(made.actions().begin(), made.actions().end(),
                                 [&](const action& a, const action& b) { return rank(a) < rank(b); }));
    });

    rc::prop("every desired guest is acted on, skipped with a reason, or as desired", [] {
        const auto desired = *gen::desired_states();
        const auto actual = actual_of(*gen::stored_guests());
        const auto made = plan_of(desired, actual);
        for (const auto& guest : desired.guests) {
            const auto there = ranges::any_of(actual.guests, [&](const auto& a) { return a.id == guest.id; });
            const auto told = ranges::any_of(made.skips(), [&](const auto& s) {
                return s.id == guest.id && std::holds_alternative<guest_not_visible>(s.why);
            });
            RC_ASSERT(there != told);
        }
    });
}

TEST_CASE("laws of the normal forms")
{
    rc::prop("a normal form is its own normal form, for every key and any text", [] {
        const auto rules = key_table::standard().rules();
        const auto& rule = *rules[*rc::gen::inRange<std::size_t>(0, rules.size())];
        const auto facts = node_facts{.release = {9, 1},
                                      .cgroup_v2 = *rc::gen::arbitrary<bool>(),
                                      .tags_case_sensitive = *rc::gen::arbitrary<bool>()};
        const auto pieces = std::vector<std::string>{
            "name=",   "eth0",         ",",         "bridge=", "vmbr0", "hwaddr=", "bc:24:11:0A:0b:0c",
            "ip6=",    "FE80:0::1/64", "firewall=", "on",      "0",     "size=",   "1024M",
            "8G",      "mp=",          "data",      "local:",  ";",     " ",       "order=",
            "03",      "nesting",      "=1",        "\r",      "\n",    "\r\n",    "+5",
            "1e1",     ".50",          "-0",        "Web",     "a",     "A",       "x=1",
            "volume=", "%eth0",        "1.1.1.1"};
        const auto text = *rc::gen::weightedOneOf<std::string>(
            {{3, rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)),
                              [](const std::vector<std::string>& parts) {
                                  auto joined = std::string{};
                                  for (const auto& part : parts) {
                                      joined += part;
                                  }
                                  return joined;
                              })},
             {1, rc::gen::arbitrary<std::string>()}});
        auto once = std::string{};
        rule.normalize(text, facts, once);
        auto twice = std::string{};
        rule.normalize(once, facts, twice);
        RC_ASSERT(twice == once);
    });
}
