// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace felhom::bench {

/// Every size shrunk, for the proof that a benchmark runs.
[[nodiscard]] inline auto is_quick() -> bool
{
    return std::getenv("FELHOM_BENCH_QUICK") != nullptr;
}

[[nodiscard]] inline auto median(std::vector<double> values) -> double
{
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

/// The median of how many times as much each of the first is as the one of the second beside it.
[[nodiscard]] inline auto median_ratio(const std::vector<double>& of, const std::vector<double>& to) -> double
{
    auto ratios = std::vector<double>{};
    for (auto at = std::size_t{0}; at < std::min(of.size(), to.size()); ++at) {
        ratios.push_back(of[at] / to[at]);
    }
    return median(std::move(ratios));
}

/// How long each round took. What is compared is run in turns, so that a machine that drifts drifts for all alike.
class rounds {
public:
    template <typename Work>
    void time(const Work& work)
    {
        const auto begun = std::chrono::steady_clock::now();
        work();
        seconds_.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    }

    [[nodiscard]] auto typical() const -> double { return median(seconds_); }

    /// The median of how much faster each round was than the peer's round beside it.
    [[nodiscard]] auto speed_beside(const rounds& peer) const -> double
    {
        return median_ratio(peer.seconds_, seconds_);
    }

private:
    std::vector<double> seconds_;
};

/// A directory on the file system of the working directory: /tmp is often kept in memory.
class bench_directory {
public:
    bench_directory()
    {
        auto name = std::string{"./felhom-bench-XXXXXX"};
        path_ = ::mkdtemp(name.data());
    }
    bench_directory(const bench_directory&) = delete;
    bench_directory(bench_directory&&) = delete;
    auto operator=(const bench_directory&) -> bench_directory& = delete;
    auto operator=(bench_directory&&) -> bench_directory& = delete;
    ~bench_directory()
    {
        auto ignored = std::error_code{};
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] auto operator/(const char* name) const -> std::filesystem::path { return path_ / name; }

private:
    std::filesystem::path path_;
};

} // namespace felhom::bench
