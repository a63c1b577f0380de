#include <felhom/reconcile/normal_desired.hpp>
#include <felhom/reconcile/planner.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A plan over N guests of 20 keys, beside the least that any program could do: one walk over two sorted lists that
// compares bytes; and, where spellings differ, beside the normalization of every field into one reused buffer.
namespace {

using namespace felhom;            // NOLINT(google-build-using-namespace): a benchmark
using namespace felhom::reconcile; // NOLINT(google-build-using-namespace): a benchmark

struct field {
    std::string_view key;
    std::string_view desired;
    std::string_view stored; ///< the same value as PVE spells it
};

constexpr auto fields = std::array{
    field{"cmode", "tty", "tty"},
    field{"console", "1", "1"},
    field{"cores", "2", "2"},
    field{"cpulimit", "1.5", "1.50"},
    field{"cpuunits", "100", "100"},
    field{"debug", "0", "0"},
    field{"description", "Web server of the shop", "Web server of the shop\n"},
    field{"hostname", "web", "web"},
    field{"memory", "1024", "1024"},
    field{"nameserver", "192.0.2.53 192.0.2.54", "192.0.2.53 192.0.2.54"},
    field{"net0", "name=eth0,bridge=vmbr0,ip=dhcp,hwaddr=BC:24:11:0A:0B:0C",
          "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:0A:0B:0C,ip=dhcp,type=veth"},
    field{"net1", "name=eth1,bridge=vmbr1,hwaddr=BC:24:11:0A:0B:0D,type=veth",
          "name=eth1,bridge=vmbr1,hwaddr=BC:24:11:0A:0B:0D,type=veth"},
    field{"onboot", "1", "1"},
    field{"protection", "0", "0"},
    field{"searchdomain", "shop.example", "shop.example"},
    field{"startup", "order=3,up=10", "order=3,up=10"},
    field{"swap", "512", "512"},
    field{"tags", "web;customer", "customer;web"},
    field{"timezone", "Europe/Berlin", "Europe/Berlin"},
    field{"tty", "2", "2"},
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

auto actual_of(std::int64_t count) -> actual_state
{
    auto guests = std::vector<actual_guest>{};
    auto seen = inventory{};
    for (auto number = std::int64_t{0}; number < count; ++number) {
        const auto id = *vmid::from_number(static_cast<std::uint64_t>(1000 + number));
        auto config = actual_config{
            .entries = {}, .digest = *proxmox::config_digest::parse("0123456789abcdef0123456789abcdef01234567")};
        for (const auto& f : fields) {
            config.entries.push_back({.key = std::string{f.key}, .value = std::string{f.stored}});
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
    auto rules = std::vector<const key_rule*>{};
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
                rules[key]->normalize(*desired.guests[number].entries[key].value, facts, ours);
                rules[key]->normalize(*stored[key].value, facts, theirs);
                differences += ours == theirs ? 0U : 1U;
            }
        }
        benchmark::DoNotOptimize(differences);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

} // namespace

BENCHMARK(plan_of_normal_input)->Arg(100)->Arg(10'000);
BENCHMARK(limit_sorted_merge)->Arg(100)->Arg(10'000);
BENCHMARK(plan_with_normalization)->Arg(100)->Arg(10'000);
BENCHMARK(limit_normalize_every_field)->Arg(100)->Arg(10'000);
