// SPDX-License-Identifier: Apache-2.0
// Appending to the durable log beside the limit (overwriting blocks that exist, and one sync) and beside SQLite, in
// turns on one file system: the figures are medians over the rounds. FELHOM_BENCH_QUICK=1 shrinks every size.
#include "io/journal/owned_log.hpp"
#include "measure.hpp"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace felhom; // NOLINT(google-build-using-namespace): a benchmark program
using bench::bench_directory;
using bench::is_quick;

constexpr auto writers = std::size_t{64};
constexpr auto line_size = std::size_t{243};

auto appends() -> std::size_t
{
    return is_quick() ? 20 : 200;
}

void require(bool holds, const char* what)
{
    if (!holds) {
        std::fprintf(stderr, "%s failed\n", what);
        std::abort();
    }
}

auto payload_number(std::size_t number) -> hash_chain::payload
{
    auto digits = std::to_string(number);
    digits.insert(0, 32 - digits.size(), '0');
    return *hash_chain::payload::parse(R"({"nonce":")" + digits + R"(","expires_at":1800000000000})");
}

/// The limit: one write into blocks that exist, and one sync, for so many records.
class overwriting {
public:
    explicit overwriting(std::size_t batch) : bytes_(batch * line_size, 'x')
    {
        const auto zeros = std::string(room, '\0');
        require(::pwrite(file_, zeros.data(), zeros.size(), 0) > 0 && ::fsync(file_) == 0, "filling a file");
    }
    overwriting(const overwriting&) = delete;
    auto operator=(const overwriting&) -> overwriting& = delete;
    ~overwriting() { ::close(file_); }

    void run()
    {
        for (auto turn = std::size_t{0}; turn < appends(); ++turn) {
            at_ = at_ + bytes_.size() > room ? 0 : at_;
            require(::pwrite(file_, bytes_.data(), bytes_.size(), static_cast<off_t>(at_)) > 0, "write");
            require(::fdatasync(file_) == 0, "sync");
            at_ += bytes_.size();
        }
    }

private:
    static constexpr auto room = std::size_t{4} << 20U;

    bench_directory directory_;
    int file_ = ::open((directory_ / "raw").c_str(), O_RDWR | O_CREAT, 0600);
    std::string bytes_;
    std::size_t at_ = 0;
};

/// An open log of ours.
class appending {
public:
    appending()
    {
        require(place_.create().has_value(), "making a log");
        log_ = std::move(*place_.start(*place_.read([](const auto&) {})));
    }

    /// One writer that waits for each record.
    void run_one()
    {
        for (auto turn = std::size_t{0}; turn < appends(); ++turn) {
            require(log_->append(payload_number(turn)).has_value(), "append");
        }
    }

    /// Writers that hand over their next record when the one before is durable, and hold no thread meanwhile.
    void run_many()
    {
        struct writer {
            io::durable_log* log;
            std::size_t left;
            std::latch* done;

            void next()
            {
                if (left-- == 0) {
                    done->count_down();
                    return;
                }
                log->append(payload_number(left), [this](const io::log_result<hash_chain::receipt>&) { next(); });
            }
        };
        auto done = std::latch{writers};
        auto all = std::vector<writer>(writers, writer{log_.get(), appends(), &done});
        for (auto& one : all) {
            one.next();
        }
        done.wait();
    }

    /// A thread a writer, each waiting for its record before it appends the next.
    void run_blocking()
    {
        auto threads = std::vector<std::thread>{};
        for (auto writer = std::size_t{0}; writer < writers; ++writer) {
            threads.emplace_back([&] { run_one(); });
        }
        for (auto& thread : threads) {
            thread.join();
        }
    }

private:
    bench_directory directory_;
    io::owned_log place_ = *io::owned_log::take(io::system_disk(), directory_ / "log",
                                                *hash_chain::log_kind::parse("bench"), "the benchmark");
    std::unique_ptr<io::durable_log> log_;
};

/// SQLite with a transaction a record, synchronous=FULL, in WAL mode.
class inserting {
public:
    inserting()
    {
        require(sqlite3_open((directory_ / "base").c_str(), &base_) == SQLITE_OK, "opening SQLite");
        for (const auto* text : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
                                 "CREATE TABLE log(seq INTEGER PRIMARY KEY, data TEXT)"}) {
            require(sqlite3_exec(base_, text, nullptr, nullptr, nullptr) == SQLITE_OK, text);
        }
        sqlite3_prepare_v2(base_, "INSERT INTO log(data) VALUES(?)", -1, &insert_, nullptr);
    }
    inserting(const inserting&) = delete;
    auto operator=(const inserting&) -> inserting& = delete;
    ~inserting()
    {
        sqlite3_finalize(insert_);
        sqlite3_close(base_);
    }

    void run()
    {
        for (auto turn = std::size_t{0}; turn < appends(); ++turn) {
            const auto text = payload_number(turn).text();
            sqlite3_bind_text(insert_, 1, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
            require(sqlite3_step(insert_) == SQLITE_DONE, "insert");
            sqlite3_reset(insert_);
        }
    }

private:
    bench_directory directory_;
    sqlite3* base_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
};

void append_beside_the_limit(benchmark::State& state)
{
    auto bare_one = overwriting{1};
    auto bare_many = overwriting{writers};
    auto sqlite = inserting{};
    auto log = appending{};
    auto limit = bench::rounds{};
    auto one = bench::rounds{};
    auto peer = bench::rounds{};
    auto limit_of_many = bench::rounds{};
    auto many = bench::rounds{};
    auto blocking = bench::rounds{};
    for (auto _ : state) {
        limit.time([&] { bare_one.run(); });
        one.time([&] { log.run_one(); });
        peer.time([&] { sqlite.run(); });
        limit_of_many.time([&] { bare_many.run(); });
        many.time([&] { log.run_many(); });
        blocking.time([&] { log.run_blocking(); });
    }
    const auto records = static_cast<double>(appends());
    state.counters["records/s"] = records / one.typical();
    state.counters["records/s_of_64"] = records * writers / many.typical();
    state.counters["1_writer/overwrite"] = one.speed_beside(limit);
    state.counters["1_writer/sqlite"] = one.speed_beside(peer);
    state.counters["64_writers/overwrite"] = many.speed_beside(limit_of_many);
    state.counters["64_writers/sqlite"] = many.speed_beside(peer) * writers; // so many times the records
    state.counters["64_blocking/overwrite"] = blocking.speed_beside(limit_of_many);
}

BENCHMARK(append_beside_the_limit)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(is_quick() ? 1 : 15);

} // namespace
