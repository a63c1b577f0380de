// SPDX-License-Identifier: Apache-2.0
// Reading a log beside Boost.JSON, and looking nonces up beside boost::unordered_flat_set, in turns: the figures are
// medians over the rounds. FELHOM_BENCH_QUICK=1 shrinks every size.
#include "io/journal/replay_store.hpp"
#include "measure.hpp"

#include <felhom/authz/replay/replay_index.hpp>
#include <felhom/authz/replay/replay_record.hpp>

#include <benchmark/benchmark.h>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <malloc.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace felhom; // NOLINT(google-build-using-namespace): a benchmark program
using bench::bench_directory;
using bench::is_quick;

auto records() -> std::size_t
{
    return is_quick() ? 50'000 : 1'000'000;
}

void stop_on(benchmark::State& state, bool failed, const char* what)
{
    if (failed) {
        state.SkipWithError(what);
    }
}

/// What a field of /proc/self/status says, in bytes.
auto status_bytes(const std::string& field) -> double
{
    auto in = std::ifstream{"/proc/self/status"};
    for (auto line = std::string{}; std::getline(in, line);) {
        if (line.starts_with(field)) {
            return std::strtod(line.c_str() + field.size() + 1, nullptr) * 1024;
        }
    }
    return 0;
}

/// The peak of the resident memory from here on.
void reset_peak()
{
    ::malloc_trim(0);
    std::ofstream{"/proc/self/clear_refs"} << 5;
}

/// A store of records() nonces, made once.
class long_store {
public:
    long_store()
    {
        const auto place =
            *io::owned_log::take(io::system_disk(), path(), *hash_chain::log_kind::parse("replay"), "bench");
        auto random = std::mt19937_64{1};
        const auto made = place.prepare({}, [&](const io::payload_sink& put) -> io::log_result<void> {
            auto written = put(*to_payload(authz::ceiling_record{.ceiling = expiry + std::chrono::hours{1}}));
            for (auto count = std::size_t{0}; written && count < records(); ++count) {
                nonces_.push_back(random_nonce(random));
                written = put(*to_payload(authz::claim_record{.nonce = nonces_.back(), .expires_at = expiry}, {}));
            }
            return written;
        });
        if (!made || !place.publish()) {
            std::abort();
        }
    }

    [[nodiscard]] static auto random_nonce(std::mt19937_64& random) -> std::string
    {
        auto text = std::string(33, '\0');
        std::snprintf(text.data(), text.size(), "%016" PRIx64 "%016" PRIx64, random(), random());
        text.pop_back();
        return text;
    }

    static constexpr auto expiry = instant{std::chrono::seconds{1'800'000'000}};
    [[nodiscard]] auto path() const -> std::filesystem::path { return directory_ / "replay.log"; }
    [[nodiscard]] auto nonces() const -> const std::vector<std::string>& { return nonces_; }

private:
    bench_directory directory_;
    std::vector<std::string> nonces_;
};

auto store() -> const long_store&
{
    static const auto made = long_store{};
    return made;
}

/// Our reader: frames, checks every link of the chain, and parses nothing.
void read_ours(benchmark::State& state)
{
    auto bytes = std::size_t{0};
    const auto end = io::read_log(io::system_disk(), store().path(), *hash_chain::log_kind::parse("replay"),
                                  [&](const hash_chain::record& one) { bytes += one.data.size(); });
    stop_on(state, !end || end->records < records(), "read");
    benchmark::DoNotOptimize(bytes);
}

/// The peer: each line of the same file through Boost.JSON, its memory from a monotonic buffer that is used again.
void read_boost_json()
{
    auto buffer = std::vector<unsigned char>(64 * 1024);
    auto total = std::uint64_t{0};
    auto in = std::ifstream{store().path(), std::ios::binary};
    auto line = std::string{};
    while (std::getline(in, line) && line.front() == '{') {
        auto memory = boost::json::monotonic_resource{buffer.data(), buffer.size()};
        auto ec = boost::system::error_code{};
        const auto document = boost::json::parse(line, ec, &memory);
        const auto* const object = document.if_object();
        const auto* const seq = object == nullptr ? nullptr : object->if_contains("seq");
        total += seq == nullptr ? 0U : 1U;
    }
    benchmark::DoNotOptimize(total);
}

/// The limit: the lines alone.
void read_lines()
{
    auto in = std::ifstream{store().path(), std::ios::binary};
    auto total = std::size_t{0};
    for (auto line = std::string{}; std::getline(in, line) && line.front() == '{';) {
        total += line.size();
    }
    benchmark::DoNotOptimize(total);
}

void read_beside_boost_json(benchmark::State& state)
{
    read_lines(); // the file is in the page cache from here on
    reset_peak();
    const auto before = status_bytes("VmRSS:");
    read_ours(state);
    const auto peak = status_bytes("VmHWM:") - before;
    auto ours = bench::rounds{};
    auto peer = bench::rounds{};
    auto lines = bench::rounds{};
    for (auto _ : state) {
        ours.time([&] { read_ours(state); });
        peer.time(read_boost_json);
        lines.time(read_lines);
    }
    state.counters["records/s"] = static_cast<double>(records()) / ours.typical();
    state.counters["time/boost_json"] = peer.speed_beside(ours);
    state.counters["time/lines"] = lines.speed_beside(ours);
    state.counters["peak_over_start"] = peak;
}

/// Opening a replay store: reading, checking, parsing, and building the index.
void open_store(benchmark::State& state)
{
    reset_peak();
    const auto before = status_bytes("VmRSS:");
    auto resident = 0.0;
    for (auto _ : state) {
        const auto opened = io::replay_store::open(io::system_disk(), store().path(), "the benchmark");
        stop_on(state, !opened || (*opened)->size() != records(), "open");
        resident = status_bytes("VmRSS:");
    }
    state.counters["resident"] = resident - before;
    state.counters["peak"] = status_bytes("VmHWM:") - before;
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(records()));
}

BENCHMARK(read_beside_boost_json)->Unit(benchmark::kMillisecond)->Iterations(is_quick() ? 1 : 9);
BENCHMARK(open_store)->Unit(benchmark::kMillisecond);

/// Half of what is asked for is there.
auto questions() -> std::vector<std::string>
{
    auto random = std::mt19937_64{2};
    auto asked = std::vector<std::string>{};
    for (auto count = std::size_t{0}; count < 100'000; ++count) {
        const auto& known = store().nonces()[random() % records()];
        asked.push_back(count % 2 == 0 ? known : long_store::random_nonce(random));
    }
    return asked;
}

/// What the peer is given: what we store, the nonce's 64-bit hash with the expiry beside it.
struct hashed {
    std::uint64_t hash;
    std::uint32_t until;
    friend auto operator==(const hashed& a, const hashed& b) -> bool { return a.hash == b.hash; }
};
struct take_hash {
    using is_avalanching = void;
    auto operator()(const hashed& one) const -> std::size_t { return one.hash; }
};

void look_up_beside_flat_set(benchmark::State& state)
{
    auto index = authz::replay_index{};
    auto hashes = boost::unordered_flat_set<hashed, take_hash>{};
    const auto hash = std::hash<std::string_view>{};
    for (const auto& one : store().nonces()) {
        static_cast<void>(index.insert(one, 1'800'000'000));
        hashes.insert({hash(one), 1'800'000'000});
    }
    const auto strings = boost::unordered_flat_set<std::string>{store().nonces().begin(), store().nonces().end()};
    const auto asked = questions();
    const auto ask = [&](const auto& contains) {
        return [&] {
            for (const auto& one : asked) {
                benchmark::DoNotOptimize(contains(one));
            }
        };
    };
    auto ours = bench::rounds{};
    auto of_hashes = bench::rounds{};
    auto of_strings = bench::rounds{};
    for (auto _ : state) {
        ours.time(ask([&](const std::string& one) { return index.contains(one); }));
        of_hashes.time(ask([&](const std::string& one) { return hashes.contains({hash(one), 0}); }));
        of_strings.time(ask([&](const std::string& one) { return strings.contains(one); }));
    }
    state.counters["lookup_ns"] = ours.typical() / static_cast<double>(asked.size()) * 1e9;
    state.counters["time/set_of_hashes"] = of_hashes.speed_beside(ours);
    state.counters["time/set_of_strings"] = of_strings.speed_beside(ours);
    state.counters["bytes_a_nonce"] = static_cast<double>(index.bytes()) / static_cast<double>(index.size());
}

BENCHMARK(look_up_beside_flat_set)->Unit(benchmark::kMillisecond)->Iterations(is_quick() ? 3 : 51);

} // namespace
