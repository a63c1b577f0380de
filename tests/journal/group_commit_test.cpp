// SPDX-License-Identifier: Apache-2.0
#include "io/journal/owned_log.hpp"
#include "support/catch.hpp"
#include "support/log_text.hpp"
#include "support/simulated_disk.hpp"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

using namespace felhom::io; // NOLINT(google-build-using-namespace): the vocabulary under test
using felhom::tests::kind_of;
using felhom::tests::numbered;
using felhom::tests::payload_of;
using felhom::tests::simulated_disk;

namespace {

/// A gate that whoever syncs must pass.
class gate {
public:
    void shut()
    {
        const auto hold = std::lock_guard{mutex_};
        open_ = false;
    }

    void open()
    {
        const auto hold = std::lock_guard{mutex_};
        open_ = true;
        changed_.notify_all();
    }

    /// Waits until somebody stands before the shut gate.
    void await_waiter()
    {
        auto hold = std::unique_lock{mutex_};
        changed_.wait(hold, [&] { return waiting_ > 0; });
    }

    void pass()
    {
        auto hold = std::unique_lock{mutex_};
        last_ = std::this_thread::get_id();
        ++waiting_;
        changed_.notify_all();
        changed_.wait(hold, [&] { return open_; });
        --waiting_;
    }

    /// Who came last.
    [[nodiscard]] auto last() -> std::thread::id
    {
        const auto hold = std::lock_guard{mutex_};
        return last_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::thread::id last_;
    bool open_ = true;
    int waiting_ = 0;
};

/// An open log on a simulated disk whose syncs pass a gate.
class gated_log {
public:
    explicit gated_log(std::uint64_t filled_ahead = std::uint64_t{1} << 20U) : filled_ahead_{filled_ahead}
    {
        REQUIRE(place_.create());
        log_ = std::move(*place_.start(*place_.read([](const auto&) {})));
        before_ = disk_.counts();
    }

    [[nodiscard]] auto log() const -> durable_log& { return *log_; }
    [[nodiscard]] auto syncs() -> gate& { return *gate_; }
    [[nodiscard]] auto file_size() const -> std::size_t { return disk_.contents("/log").size(); }

    [[nodiscard]] auto records() const -> std::size_t
    {
        auto count = std::size_t{0};
        REQUIRE(place_.read([&](const auto&) { ++count; }));
        return count;
    }

    /// The writes and the syncs since it was asked last.
    [[nodiscard]] auto cost() -> std::pair<std::size_t, std::size_t>
    {
        const auto now = disk_.counts();
        const auto since = std::pair{now.writes - before_.writes, now.syncs - before_.syncs};
        before_ = now;
        return since;
    }

private:
    [[nodiscard]] auto calls() const -> disk
    {
        auto all = disk_.calls();
        all.sync_data = [through = all.sync_data, waiting = gate_](file_id file) {
            waiting->pass();
            return through(file);
        };
        return all;
    }

    std::uint64_t filled_ahead_;
    simulated_disk disk_{1};
    std::shared_ptr<gate> gate_ = std::make_shared<gate>();
    owned_log place_ = *owned_log::take(calls(), "/log", kind_of("test"), "me", {.filled_ahead = filled_ahead_});
    std::unique_ptr<durable_log> log_;
    felhom::tests::call_counts before_;
};

using cost = std::pair<std::size_t, std::size_t>;

} // namespace

TEST_CASE("one record is one write and one sync")
{
    auto one = gated_log{};
    for (auto number = 0U; number < 5; ++number) {
        REQUIRE(one.log().append(numbered(number)));
        CHECK(one.cost() == cost{1, 1});
    }
}

TEST_CASE("who appends alone writes himself, and who does so beside another waits for him")
{
    auto one = gated_log{};
    REQUIRE(one.log().append(numbered(0)));
    CHECK(one.syncs().last() == std::this_thread::get_id());
    one.syncs().shut();
    auto durable = std::atomic<int>{0};
    const auto append = [&](unsigned number) { durable += one.log().append(numbered(number)) ? 1 : 0; };
    auto first = std::thread{append, 1U};
    one.syncs().await_waiter();
    auto second = std::thread{append, 2U};
    CHECK(one.records() == 2); // the first one's is written, the second is not written beside it
    one.syncs().open();
    first.join();
    second.join();
    CHECK(durable == 2);
    CHECK(one.records() == 3);
}

TEST_CASE("after the log's own thread has written, who appends alone does so again")
{
    auto one = gated_log{};
    auto made = std::promise<void>{};
    one.log().append(numbered(0), [&](const log_result<felhom::hash_chain::receipt>&) { made.set_value(); });
    made.get_future().wait();
    CHECK(one.syncs().last() != std::this_thread::get_id());
    auto himself = false;
    for (auto number = 1U; number <= 1000 && !himself; ++number) { // the thread may still be about to rest
        REQUIRE(one.log().append(numbered(number)));
        himself = one.syncs().last() == std::this_thread::get_id();
    }
    CHECK(himself);
}

TEST_CASE("as many records as wait are one write and one sync")
{
    auto many = gated_log{};
    many.syncs().shut();
    auto durable = std::atomic<int>{0};
    const auto count = [&](const log_result<felhom::hash_chain::receipt>& made) { durable += made ? 1 : 0; };
    many.log().append(numbered(0), count);
    many.syncs().await_waiter();
    for (auto number = 1U; number <= 64; ++number) {
        many.log().append(numbered(number), count);
    }
    CHECK(durable == 0);
    many.syncs().open();
    many.log().close();
    CHECK(durable == 65);
    CHECK(many.cost() == cost{2, 2}); // the first one's, and one for the 64 that came meanwhile
    CHECK(many.records() == 65);
}

TEST_CASE("what does not fit one batch is written in several")
{
    auto many = gated_log{};
    many.syncs().shut();
    const auto large = payload_of("{\"x\":\"" + std::string(60'000, 'x') + "\"}");
    auto durable = std::atomic<int>{0};
    const auto count = [&](const log_result<felhom::hash_chain::receipt>& made) { durable += made ? 1 : 0; };
    many.log().append(numbered(0), count);
    many.syncs().await_waiter();
    for (auto number = 0; number < 10; ++number) {
        many.log().append(large, count); // eight of them fit half a megabyte
    }
    many.syncs().open();
    many.log().close();
    CHECK(durable == 11);
    CHECK(many.cost() == cost{3, 3});
}

TEST_CASE("a completion may append, and its record becomes durable")
{
    auto chained = gated_log{};
    auto last = std::promise<std::uint64_t>{};
    chained.log().append(numbered(1), [&](const log_result<felhom::hash_chain::receipt>& first) {
        if (first) {
            chained.log().append(numbered(2), [&](const log_result<felhom::hash_chain::receipt>& second) {
                last.set_value(second ? second->at().seq : 0);
            });
        }
    });
    CHECK(last.get_future().get() == 2);
    CHECK(chained.records() == 2);
}

TEST_CASE("the file is filled with zeros ahead, and again when they are used up")
{
    static constexpr auto ahead = std::uint64_t{1024};
    auto filled = gated_log{ahead};
    auto renewals = 0;
    for (auto number = 0U; number < 30; ++number) {
        const auto size_before = filled.file_size();
        REQUIRE(filled.log().append(numbered(number)));
        const auto size = filled.file_size();
        if (size == size_before) {
            CHECK(filled.cost() == cost{1, 1});
        } else {
            ++renewals;
            CHECK(size == filled.log().bytes() + ahead);
            CHECK(filled.cost() == cost{2, 1}); // the zeros and the record, one sync for both
        }
    }
    CHECK(renewals > 2);
    CHECK(renewals < 10);
    CHECK(filled.records() == 30);
}
