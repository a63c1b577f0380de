// SPDX-License-Identifier: Apache-2.0
#include "hand_normal.hpp"
#include "measure.hpp"

#include <felhom/reconcile/desired/normal_desired.hpp>
#include <felhom/reconcile/plan/planner.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// A plan over N guests of 20 keys, beside the least that any program could do: one walk over two sorted lists that
// compares bytes; and, where spellings differ, beside the normalization of every field into one reused buffer, and
// beside a program by hand for exactly these keys.
namespace {

using namespace felhom;            // NOLINT(google-build-using-namespace): a benchmark
using namespace felhom::lxc;       // NOLINT(google-build-using-namespace): a benchmark
using namespace felhom::reconcile; // NOLINT(google-build-using-namespace): a benchmark

struct field {
    std::string_view key;
    std::string_view desired;
    std::string_view stored; ///< the same value as PVE spells it
    std::string_view alike;  ///< a third spelling, where there is one
    std::string_view other;  ///< another value
};

constexpr auto fields = std::array{
    field{"cmode", "tty", "tty", "tty", "shell"},
    field{"console", "1", "1", "yes", "0"},
    field{"cores", "2", "2", "+2", "3"},
    field{"cpulimit", "1.5", "1.50", "15e-1", "2.50"},
    field{"cpuunits", "100", "100", "+100", "200"},
    field{"debug", "0", "0", "Off", "on"},
    field{"description", "Web server of the shop", "Web server of the shop\n", "Web server of the shop\r\n", "Gone\n"},
    field{"hostname", "web", "web", "web", "web2"},
    field{"memory", "1024", "1024", "01024", "2048"},
    field{"nameserver", "192.0.2.53 192.0.2.54", "192.0.2.53 192.0.2.54", "192.0.2.53, 192.0.2.54", "192.0.2.54"},
    field{"net0", "name=eth0,bridge=vmbr0,ip=dhcp,hwaddr=BC:24:11:0A:0B:0C",
          "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,ip=dhcp,type=veth",
          "name=eth0,bridge=vmbr0,firewall=0,hwaddr=bc:24:11:0a:0b:0c,ip=dhcp,link_down=no",
          "name=eth0,bridge=vmbr9,hwaddr=BC:24:11:0A:0B:0C,ip=dhcp,type=veth"},
    field{"net1", "name=eth1,bridge=vmbr1,hwaddr=BC:24:11:0A:0B:0D,type=veth",
          "name=eth1,bridge=vmbr1,hwaddr=BC:24:11:0A:0B:0D,type=veth",
          "type=veth,hwaddr=BC:24:11:0A:0B:0D,name=eth1,bridge=vmbr1",
          "name=eth1,bridge=vmbr1,firewall=1,hwaddr=BC:24:11:0A:0B:0D,type=veth"},
    field{"onboot", "1", "1", "true", "0"},
    field{"protection", "0", "0", "no", "1"},
    field{"searchdomain", "shop.example", "shop.example", " shop.example", "office.example"},
    field{"startup", "order=3,up=10", "order=3,up=10", "up=10,3", "order=4,up=10"},
    field{"swap", "512", "512", "0512", "0"},
    field{"tags", "web;customer", "customer;web", "Web,customer web", "customer"},
    field{"timezone", "Europe/Berlin", "Europe/Berlin", "Europe/Berlin", "host"},
    field{"tty", "2", "2", "+2", "3"},
};

enum class spelling { same, as_pve };

auto desired_of(std::int64_t count, spelling how) -> desired_state
{
    auto desired = desired_state{.generation = 1, .guests = {}};
    for (auto number = std::int64_t{0}; number < count; ++number) {
        auto guest = desired_guest{.id = *vmid::from_number(static_cast<std::uint64_t>(1000 + number)),
                                   .run = run_state::running,
                                   .entries = {}};
        for (const auto& f : fields) {
            guest.entries.push_back(
                {.key = std::string{f.key}, .value = std::string{how == spelling::same ? f.stored : f.desired}});
        }
        desired.guests.push_back(std::move(guest));
    }
    return desired;
}

enum class stored_as { pve_spells_it, all_manner };

/// Of all manner: of each key each spelling and another value, in another guest each.
auto stored_text(const field& of, stored_as how, std::size_t number) -> std::string
{
    if (how == stored_as::pve_spells_it) {
        return std::string{of.stored};
    }
    return std::string{std::array{of.stored, of.alike, of.other}.at(number % 3)};
}

auto actual_of(std::int64_t count, stored_as how = stored_as::pve_spells_it) -> actual_state
{
    auto guests = std::vector<actual_guest>{};
    auto seen = inventory{};
    for (auto number = std::int64_t{0}; number < count; ++number) {
        const auto id = *vmid::from_number(static_cast<std::uint64_t>(1000 + number));
        auto config = actual_config{
            .entries = {}, .digest = *proxmox::config_digest::parse("0123456789abcdef0123456789abcdef01234567")};
        for (auto key = std::size_t{0}; key < fields.size(); ++key) {
            config.entries.push_back({.key = std::string{fields[key].key},
                                      .value = stored_text(fields[key], how, static_cast<std::size_t>(number) + key)});
        }
        guests.push_back(
            {.id = id, .name = "web", .run = run_state::running, .lock = std::nullopt, .config = std::move(config)});
        seen.push_back(id);
    }
    return {
        .inventory = *accept_inventory({}, std::move(seen), {}), .guests = std::move(guests), .granted = std::nullopt};
}

constexpr auto facts = node_facts{.release = {.major = 9, .minor = 1}};

void plan_of_normal_input(benchmark::State& state)
{
    const auto desired = *normalize(desired_of(state.range(0), spelling::same), facts, key_table::standard());
    const auto actual = actual_of(state.range(0));
    for (auto _ : state) {
        benchmark::DoNotOptimize(make_plan(desired, actual, {}));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void limit_sorted_merge(benchmark::State& state)
{
    const auto desired = desired_of(state.range(0), spelling::same);
    const auto actual = actual_of(state.range(0));
    for (auto _ : state) {
        auto differences = std::size_t{0};
        for (auto number = std::size_t{0}; number < desired.guests.size(); ++number) {
            auto at = std::get_if<actual_config>(&actual.guests[number].config)->entries.begin();
            for (const auto& entry : desired.guests[number].entries) {
                while (at->key < entry.key) {
                    ++at;
                }
                differences += *at->value == *entry.value ? 0U : 1U;
            }
        }
        benchmark::DoNotOptimize(differences);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void plan_with_normalization(benchmark::State& state)
{
    const auto desired = desired_of(state.range(0), spelling::as_pve);
    const auto normal = *normalize(desired, facts, key_table::standard());
    const auto actual = actual_of(state.range(0));
    for (auto _ : state) {
        benchmark::DoNotOptimize(make_plan(normal, actual, {}));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void limit_normalize_every_field(benchmark::State& state)
{
    const auto desired = desired_of(state.range(0), spelling::as_pve);
    const auto actual = actual_of(state.range(0));
    auto rules = std::vector<const config_key*>{};
    for (const auto& f : fields) {
        rules.push_back(key_table::standard().find(f.key));
    }
    auto ours = std::string{};
    auto theirs = std::string{};
    for (auto _ : state) {
        auto differences = std::size_t{0};
        for (auto number = std::size_t{0}; number < desired.guests.size(); ++number) {
            const auto& stored = std::get_if<actual_config>(&actual.guests[number].config)->entries;
            for (auto key = std::size_t{0}; key < fields.size(); ++key) {
                ours.clear();
                theirs.clear();
                normalize(*rules[key], *desired.guests[number].entries[key].value, facts, ours);
                normalize(*rules[key], *stored[key].value, facts, theirs);
                differences += ours == theirs ? 0U : 1U;
            }
        }
        benchmark::DoNotOptimize(differences);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

using difference = std::pair<vmid, std::string>;

auto differences_by_plan(const normal_desired& desired, const actual_state& actual) -> std::set<difference>
{
    auto all = std::set<difference>{};
    const auto made = *make_plan(desired, actual, {});
    for (const auto& action : made.actions()) {
        if (const auto* const update = std::get_if<update_config>(&action)) {
            for (const auto& change : update->changes) {
                all.emplace(update->id, change.key);
            }
        } else {
            all.emplace(guest_of(action), "run_state");
        }
    }
    for (const auto& skip : made.skips()) {
        all.emplace(skip.id, skip.key);
    }
    return all;
}

template <bench::hand_effort Effort>
auto differences_by_hand(const std::vector<bench::hand_guest>& desired, const actual_state& actual)
    -> std::set<difference>
{
    auto all = std::set<difference>{};
    bench::compare_by_hand<Effort>(desired, actual, [&](vmid id, std::string_view key) { all.emplace(id, key); });
    return all;
}

/// Whether ours and both peers find the same, and as much as there is: a third of all values differs.
auto find_the_same(const normal_desired& desired, const std::vector<bench::hand_guest>& by_hand,
                   const actual_state& actual, std::size_t expected) -> bool
{
    const auto ours = differences_by_plan(desired, actual);
    return ours.size() == expected && differences_by_hand<bench::hand_effort::every_value>(by_hand, actual) == ours
           && differences_by_hand<bench::hand_effort::other_bytes_only>(by_hand, actual) == ours;
}

void plan_beside_hand_written(benchmark::State& state)
{
    using bench::hand_effort;
    const auto desired = desired_of(state.range(0), spelling::as_pve);
    const auto normal = *normalize(desired, facts, key_table::standard());
    const auto by_hand = bench::normalize_by_hand(desired);
    const auto actual = actual_of(state.range(0));
    const auto three = desired_of(3, spelling::as_pve);
    if (!find_the_same(*normalize(three, facts, key_table::standard()), bench::normalize_by_hand(three),
                       actual_of(3, stored_as::all_manner), fields.size())
        || !find_the_same(normal, by_hand, actual, 0)) {
        state.SkipWithError("ours and the peer by hand find different differences");
        return;
    }
    const auto turns = std::max<std::int64_t>(1, 1'000 / state.range(0));
    const auto several = [&](const auto& work) {
        return [turns, &work] {
            for (auto turn = std::int64_t{0}; turn < turns; ++turn) {
                work();
            }
        };
    };
    const auto hand = [&](auto effort) {
        auto differences = std::size_t{0};
        bench::compare_by_hand<effort()>(by_hand, actual, [&](vmid, std::string_view) { ++differences; });
        benchmark::DoNotOptimize(differences);
    };
    const auto plan = [&] { benchmark::DoNotOptimize(make_plan(normal, actual, {})); };
    const auto every_value = [&] { hand(std::integral_constant<hand_effort, hand_effort::every_value>{}); };
    const auto other_bytes = [&] { hand(std::integral_constant<hand_effort, hand_effort::other_bytes_only>{}); };
    auto of_ours = bench::rounds{};
    auto of_every_value = bench::rounds{};
    auto of_other_bytes = bench::rounds{};
    for (auto _ : state) {
        of_every_value.time(several(every_value));
        of_other_bytes.time(several(other_bytes));
        of_ours.time(several(plan));
    }
    const auto guests = static_cast<double>(turns * state.range(0));
    state.counters["ns_a_guest"] = 1e9 * of_ours.typical() / guests;
    state.counters["hand_ns_a_guest"] = 1e9 * of_every_value.typical() / guests;
    state.counters["hand_bytes_first_ns_a_guest"] = 1e9 * of_other_bytes.typical() / guests;
    state.counters["time/hand"] = of_every_value.speed_beside(of_ours);
    state.counters["time/hand_bytes_first"] = of_other_bytes.speed_beside(of_ours);
}

} // namespace

BENCHMARK(plan_of_normal_input)->Arg(100)->Arg(10'000);
BENCHMARK(limit_sorted_merge)->Arg(100)->Arg(10'000);
BENCHMARK(plan_with_normalization)->Arg(100)->Arg(10'000);
BENCHMARK(limit_normalize_every_field)->Arg(100)->Arg(10'000);
BENCHMARK(plan_beside_hand_written)->Arg(100)->Arg(10'000);
