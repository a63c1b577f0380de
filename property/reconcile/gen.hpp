// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/rapidcheck.hpp"

#include <felhom/reconcile/actual/actual_state.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>

#include <range/v3/algorithm/sort.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Generators of guests. Few ids, few keys and few values each, so that both sides meet often; and the values are those
// that PVE spells in more than one way.
namespace felhom::gen {

struct key_values {
    std::string key;
    std::vector<std::string> stored;  ///< as PVE keeps them
    std::vector<std::string> desired; ///< as people write them
};

/// Keys that a plan may write without a signature; taking `protection` away is the one difference of theirs that it may
/// not.
[[nodiscard]] inline auto plannable_keys() -> const std::vector<key_values>&
{
    static const auto keys = std::vector<key_values>{
        {"cmode", {"tty", "shell"}, {"tty", "shell"}},
        {"console", {"0", "1"}, {"0", "1"}},
        {"cores", {"1", "2"}, {"1", "2"}},
        {"cpulimit", {"0", "1.50", "2"}, {"0", "1.5", "2"}},
        {"cpuunits", {"100", "1024", "10000"}, {"0", "100", "1024", "50000"}},
        {"debug", {"0", "1"}, {"0", "1"}},
        {"description", {"a", "a\nb"}, {"a", "a\n", "a\r\nb", "ä: 100%"}},
        {"entrypoint", {"/sbin/init", "/bin/tini -s"}, {"/sbin/init", "/bin/tini -s"}},
        {"env", {"A=1", "A=2"}, {"A=1", "A=3"}},
        {"features",
         {"nesting=1", "nesting=0", "nesting=on,keyctl=0", " "},
         {"nesting=1", "nesting=0", "keyctl=0,nesting=1"}},
        {"hostname", {"web", "web.example"}, {"web", "web.example"}},
        {"memory", {"64", "512"}, {"64", "512", "1024"}},
        {"nameserver", {"1.1.1.1", "1.1.1.1 9.9.9.9"}, {"1.1.1.1", "1.1.1.1,9.9.9.9", "9.9.9.9;1.1.1.1"}},
        {"net0",
         {"name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,ip=dhcp,type=veth",
          "name=eth0,bridge=vmbr0,firewall=1,hwaddr=bc:24:11:0a:0b:0c,type=veth", "name=eth0,bridge=vmbr0"},
         {"name=eth0,bridge=vmbr0", "bridge=vmbr0,name=eth0,ip=dhcp", "name=eth0,bridge=vmbr0,firewall=1"}},
        {"net10",
         {"name=eth10,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0D,ip6=fe80::1/64,type=veth",
          "name=eth10,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0D,ip6=auto,type=veth"},
         {"name=eth10,bridge=vmbr0,ip6=FE80:0:0::1/64", "name=eth10,bridge=vmbr0,ip6=auto", "bridge=vmbr0,name=eth10"}},
        {"onboot", {"0", "1"}, {"0", "1"}},
        {"protection", {"0", "1"}, {"0", "1"}},
        {"searchdomain", {"a.example"}, {"a.example", "a.example,b.example"}},
        {"startup", {"order=1", "3", "up=5,order=3"}, {"1", "order=3", "order=3,up=5"}},
        {"swap", {"0", "512"}, {"0", "512"}},
        {"tags", {"a;b", "web", "A;b"}, {"B, a", "web", "b;a;a", "Web"}},
        {"timezone", {"UTC", "Europe/Berlin"}, {"UTC", "host"}},
        {"tty", {"2", "3"}, {"2", "4"}},
    };
    return keys;
}

[[nodiscard]] inline auto guest_number() -> rc::Gen<std::uint32_t>
{
    return rc::gen::weightedOneOf<std::uint32_t>(
        {{8, rc::gen::inRange<std::uint32_t>(100, 104)}, {1, rc::gen::just<std::uint32_t>(999'999'999)}});
}

/// A choice of keys, each with one of its values, or with none where `may_unset`.
[[nodiscard]] inline auto some_values(std::vector<std::string> key_values::* side, bool may_unset)
    -> rc::Gen<std::map<std::string, std::optional<std::string>>>
{
    return rc::gen::exec([side, may_unset] {
        auto chosen = std::map<std::string, std::optional<std::string>>{};
        const auto count = *rc::gen::inRange<std::size_t>(0, 10);
        for (auto taken = std::size_t{0}; taken < count; ++taken) {
            const auto& one = *rc::gen::elementOf(plannable_keys());
            const auto unset = may_unset && one.key != "memory" && *rc::gen::inRange(0, 5) == 0;
            chosen[one.key] = unset ? std::nullopt : std::optional{*rc::gen::elementOf(one.*side)};
        }
        return chosen;
    });
}

[[nodiscard]] inline auto desired_states() -> rc::Gen<reconcile::desired_state>
{
    return rc::gen::exec([] {
        auto guests = std::map<std::uint32_t, reconcile::desired_guest>{};
        const auto count = *rc::gen::weightedElement<int>({{1, 0}, {4, 1}, {6, 3}, {4, 5}});
        for (auto taken = 0; taken < count; ++taken) {
            const auto id = *vmid::from_number(*guest_number());
            auto guest = reconcile::desired_guest{.id = id, .run = std::nullopt, .entries = {}};
            for (const auto& [key, value] : *some_values(&key_values::desired, /*may_unset=*/true)) {
                guest.entries.push_back({.key = key, .value = value});
            }
            if (const auto run = *rc::gen::inRange(0, 3); run != 0) {
                guest.run = run == 1 ? reconcile::run_state::running : reconcile::run_state::stopped;
            }
            guests.insert_or_assign(id.number(), std::move(guest));
        }
        auto desired = reconcile::desired_state{.generation = 1, .guests = {}};
        for (auto& [id, guest] : guests) {
            desired.guests.push_back(std::move(guest));
        }
        return desired;
    });
}

/// What a node holds, before it is put into a form: guest → its stored keys and whether it runs.
struct stored_guest {
    std::map<std::string, std::optional<std::string>> values;
    bool running;
};

[[nodiscard]] inline auto stored_guests() -> rc::Gen<std::map<std::uint32_t, stored_guest>>
{
    return rc::gen::exec([] {
        auto guests = std::map<std::uint32_t, stored_guest>{};
        const auto count = *rc::gen::weightedElement<int>({{1, 0}, {4, 1}, {6, 3}, {4, 5}});
        for (auto taken = 0; taken < count; ++taken) {
            guests[*guest_number()] = {.values = *some_values(&key_values::stored, /*may_unset=*/false),
                                       .running = *rc::gen::arbitrary<bool>()};
        }
        return guests;
    });
}

} // namespace felhom::gen
