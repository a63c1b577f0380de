// SPDX-License-Identifier: Apache-2.0
#include "io/lanes/lane_pool.hpp"

#include <benchmark/benchmark.h>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <vector>

// Keyed, ordered execution of a million empty jobs by two threads: lanes beside Boost.Asio's strands, a strand a guest.
namespace {

using namespace felhom;

constexpr auto workers = std::size_t{2};
constexpr auto guests = std::uint32_t{10'000};

auto job_count() -> std::uint32_t
{
    return std::getenv("FELHOM_BENCH_QUICK") != nullptr ? 50'000 : 1'000'000;
}

auto guest(std::uint32_t index) -> vmid
{
    return *vmid::from_number(vmid::least + index);
}

/// Every job on another guest in turn, or every second one on the first.
auto spread_evenly(std::uint32_t job) -> std::uint32_t
{
    return job % guests;
}
auto half_on_one(std::uint32_t job) -> std::uint32_t
{
    return job % 2 == 0 ? 0 : job % guests;
}

template <auto Spread>
void lanes(benchmark::State& state)
{
    const auto jobs = job_count();
    for (auto _ : state) {
        auto done = std::atomic<std::uint32_t>{0};
        auto pool = io::lane_pool{{.at_once = workers}};
        for (auto job = std::uint32_t{0}; job < jobs; ++job) {
            const auto posted = pool.post(guest(Spread(job)), operate::job_kind::plain,
                                          [&] { done.fetch_add(1, std::memory_order_relaxed); });
            benchmark::DoNotOptimize(posted);
        }
        pool.close();
        if (done != jobs) {
            state.SkipWithError("a job was lost");
        }
    }
    state.SetItemsProcessed(state.iterations() * jobs);
}

template <auto Spread>
void peer_asio_strands(benchmark::State& state)
{
    const auto jobs = job_count();
    for (auto _ : state) {
        auto done = std::atomic<std::uint32_t>{0};
        auto pool = boost::asio::thread_pool{workers};
        using strand = boost::asio::strand<boost::asio::thread_pool::executor_type>;
        auto strands = std::vector<strand>{};
        strands.reserve(guests);
        for (auto index = std::uint32_t{0}; index < guests; ++index) {
            strands.emplace_back(pool.get_executor());
        }
        for (auto job = std::uint32_t{0}; job < jobs; ++job) {
            boost::asio::post(strands[Spread(job)], [&] { done.fetch_add(1, std::memory_order_relaxed); });
        }
        pool.join();
        if (done != jobs) {
            state.SkipWithError("a job was lost");
        }
    }
    state.SetItemsProcessed(state.iterations() * jobs);
}

/// Bytes that a guest costs which has no jobs: lanes open and close with their jobs.
void lane_of_an_idle_guest(benchmark::State& state)
{
    for (auto _ : state) {
        auto rule = operate::lanes<int>{{.at_once = 1}};
        auto taken = std::vector<operate::lanes<int>::entry>{};
        for (auto index = std::uint32_t{0}; index < guests; ++index) {
            rule.submit(guest(index), operate::job_kind::plain, 0);
            taken.clear();
            const auto turn = rule.start(1, taken);
            taken.clear();
            rule.finish(*turn, taken);
        }
        state.counters["open_lanes"] = static_cast<double>(rule.open_lanes());
    }
}

BENCHMARK(lanes<spread_evenly>)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(peer_asio_strands<spread_evenly>)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(lanes<half_on_one>)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(peer_asio_strands<half_on_one>)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(lane_of_an_idle_guest)->Unit(benchmark::kMillisecond);

} // namespace
