// SPDX-License-Identifier: Apache-2.0
// Records of operations by 1, 8 and 64 writers that each wait for theirs, beside the limit: one write into blocks that
// exist and one sync for as many records as there are writers. In turns on one file system; medians over the rounds.
#include "io/journal/journal.hpp"
#include "measure.hpp"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace felhom; // NOLINT(google-build-using-namespace): a benchmark program
using bench::is_quick;

constexpr auto line_size = std::size_t{330}; // of such a record in the journal, about

auto appends() -> std::size_t
{
    return is_quick() ? 10 : 100;
}

void require(bool holds, const char* what)
{
    if (!holds) {
        std::fprintf(stderr, "%s failed\n", what);
        std::abort();
    }
}

class journaling {
public:
    journaling()
    {
        const auto disk = io::system_disk();
        const auto path = directory_ / "journal.log";
        require(io::journal::create(disk, path, "the benchmark").has_value(), "making a journal");
        journal_ = *io::journal::open(disk, path, "the benchmark");
    }

    void run(std::size_t writers)
    {
        auto threads = std::vector<std::thread>{};
        for (auto writer = std::size_t{0}; writer < writers; ++writer) {
            threads.emplace_back([&] {
                for (auto turn = std::size_t{0}; turn < appends(); ++turn) {
                    const auto id = journal_->draw_number();
                    require(journal_
                                ->append(operate::operation_acknowledged{
                                    .id = id, .at = instant{}, .by = "somebody whose name is of some length"})
                                .has_value(),
                            "append");
                }
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
    }

private:
    bench::bench_directory directory_;
    std::unique_ptr<io::journal> journal_;
};

class overwriting {
public:
    overwriting()
    {
        const auto zeros = std::string(room, '\0');
        require(::pwrite(file_, zeros.data(), zeros.size(), 0) > 0 && ::fsync(file_) == 0, "filling a file");
    }
    overwriting(const overwriting&) = delete;
    overwriting(overwriting&&) = delete;
    auto operator=(const overwriting&) -> overwriting& = delete;
    auto operator=(overwriting&&) -> overwriting& = delete;
    ~overwriting() { ::close(file_); }

    void run(std::size_t batch)
    {
        const auto bytes = std::string(batch * line_size, 'x');
        for (auto turn = std::size_t{0}; turn < appends(); ++turn) {
            at_ = at_ + bytes.size() > room ? 0 : at_;
            require(::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(at_)) > 0, "write");
            require(::fdatasync(file_) == 0, "sync");
            at_ += bytes.size();
        }
    }

private:
    static constexpr auto room = std::size_t{4} << 20U;

    bench::bench_directory directory_;
    int file_ = ::open((directory_ / "raw").c_str(), O_RDWR | O_CREAT, 0600);
    std::size_t at_ = 0;
};

void journal_beside_the_limit(benchmark::State& state)
{
    const auto writers = static_cast<std::size_t>(state.range(0));
    auto ours = journaling{};
    auto limit = overwriting{};
    auto of_ours = bench::rounds{};
    auto of_limit = bench::rounds{};
    for (auto _ : state) {
        of_limit.time([&] { limit.run(writers); });
        of_ours.time([&] { ours.run(writers); });
    }
    const auto records = static_cast<double>(appends() * writers);
    state.counters["records/s"] = records / of_ours.typical();
    state.counters["limit_records/s"] = records / of_limit.typical();
    state.counters["ours/limit"] = of_ours.speed_beside(of_limit);
}

BENCHMARK(journal_beside_the_limit)
    ->Arg(1)
    ->Arg(8)
    ->Arg(64)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(is_quick() ? 1 : 9);

} // namespace
