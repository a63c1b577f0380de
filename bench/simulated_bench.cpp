// Whole seeds of the simulated world a second, as the crash property runs them: a node, what is desired of it and seven
// signed operations, an agent that dies at one effect, and at a second one if it gets that far, comes back each time
// and works until all is quiet, and the laws that must hold then. Disk and clock are simulated too: the time is our own
// cost.
#include "operate/simulated/scenario.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <random>
#include <string>

namespace {

using namespace felhom::testing; // NOLINT(google-build-using-namespace): a benchmark

/// Runs one seed. Answers how many effects on the world that took.
auto run_seed(std::uint32_t seed, std::int64_t deaths) -> std::size_t
{
    auto random = std::mt19937{seed};
    auto world = scenario{seed};
    if (deaths == 0) {
        world.run();
    } else {
        const auto first = random() % 200; // every world has more effects
        const auto how = static_cast<death>(random() % 3);
        world.run_with_death(first, how, deaths == 1 ? 0 : 1 + random() % 200);
    }
    world.check_quiet();
    return world.agent().effects();
}

void seeds_of_the_simulated_world(benchmark::State& state)
{
    auto seed = std::uint32_t{200'000};
    auto effects = std::size_t{0};
    for (auto _ : state) {
        try {
            effects += run_seed(seed++, state.range(0));
        } catch (const broken_law& law) {
            state.SkipWithError((law.what + ", at seed " + std::to_string(seed - 1)).c_str());
            return;
        } catch (const std::exception& error) {
            state.SkipWithError(error.what());
            return;
        }
    }
    state.SetItemsProcessed(state.iterations());
    state.counters["effects_a_seed"] = static_cast<double>(effects) / static_cast<double>(state.iterations());
}

} // namespace

BENCHMARK(seeds_of_the_simulated_world)->ArgName("deaths")->Arg(0)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);
