// SPDX-License-Identifier: Apache-2.0
#include "io/lanes/lane_pool.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace felhom;
using namespace std::chrono_literals;
using operate::job_kind;

namespace {

auto guest(std::uint32_t index) -> vmid
{
    return *vmid::from_number(vmid::least + index);
}

} // namespace

TEST_CASE("ten thousand guests' jobs run once each, in their order, one at a time a guest")
{
    static constexpr auto guests = std::uint32_t{10'000};
    static constexpr auto jobs_each = 5;
    auto next = std::vector<std::atomic<int>>(guests);
    auto busy = std::vector<std::atomic<bool>>(guests);
    auto out_of_order = std::atomic<int>{0};
    auto overlapping = std::atomic<int>{0};
    {
        auto pool = io::lane_pool{{.at_once = 4}};
        const auto submit_all = [&](std::uint32_t first, std::uint32_t step) {
            for (auto job = 0; job < jobs_each; ++job) {
                for (auto index = first; index < guests; index += step) {
                    const auto posted = pool.post(guest(index), job_kind::plain, [&, index, job] {
                        overlapping += busy[index].exchange(true) ? 1 : 0;
                        out_of_order += next[index].fetch_add(1) == job ? 0 : 1;
                        busy[index] = false;
                    });
                    REQUIRE(posted.has_value());
                }
            }
        };
        auto other = std::thread{[&] { submit_all(1, 2); }};
        submit_all(0, 2);
        other.join();
    }
    CHECK(out_of_order == 0);
    CHECK(overlapping == 0);
    CHECK(std::all_of(next.begin(), next.end(), [](const auto& ran) { return ran == jobs_each; }));
}

TEST_CASE("jobs of two guests that wait for each other both end")
{
    auto pool = io::lane_pool{{.at_once = 2}};
    auto both = std::latch{2};
    auto ended = std::vector<std::future<void>>{};
    for (const auto index : {0U, 1U}) {
        ended.push_back(*pool.submit(guest(index), job_kind::plain, [&] { both.arrive_and_wait(); }));
    }
    for (auto& one : ended) {
        CHECK(one.wait_for(30s) == std::future_status::ready);
    }
}

TEST_CASE("no more jobs run at once than the bound allows, and fewer that make volumes")
{
    auto running = std::atomic<int>{0};
    auto most = std::atomic<int>{0};
    auto allocating = std::atomic<int>{0};
    auto most_allocating = std::atomic<int>{0};
    const auto raise = [](std::atomic<int>& to, int value) {
        for (auto seen = to.load(); seen < value && !to.compare_exchange_weak(seen, value);) {
        }
    };
    {
        auto pool = io::lane_pool{{.at_once = 3, .allocating_at_once = 1}};
        for (auto index = 0U; index < 40; ++index) {
            const auto makes_volumes = index % 2 == 0;
            const auto posted =
                pool.post(guest(index), makes_volumes ? job_kind::allocating : job_kind::plain, [&, makes_volumes] {
                    raise(most, ++running);
                    if (makes_volumes) {
                        raise(most_allocating, ++allocating);
                    }
                    std::this_thread::sleep_for(1ms);
                    allocating -= makes_volumes ? 1 : 0;
                    --running;
                });
            REQUIRE(posted.has_value());
        }
    }
    CHECK(most <= 3);
    CHECK(most > 1);
    CHECK(most_allocating == 1);
}

TEST_CASE("a result and an error reach whoever submitted the job")
{
    auto pool = io::lane_pool{};
    auto result = *pool.submit(guest(0), job_kind::plain, [] { return std::string{"done"}; });
    auto error = *pool.submit(guest(0), job_kind::plain, []() -> int { throw std::runtime_error{"broken"}; });
    CHECK(result.get() == "done");
    // The worker's share of the exception goes first: ThreadSanitizer does not see how the standard library counts
    // them.
    pool.close();
    CHECK_THROWS_WITH(error.get(), "broken");
}

TEST_CASE("closing lets what was taken run to its end, and takes no more")
{
    auto ran = std::atomic<int>{0};
    auto pool = io::lane_pool{{.at_once = 1}};
    for (auto job = 0; job < 100; ++job) {
        REQUIRE(pool.post(guest(0), job_kind::plain,
                          [&] {
                              std::this_thread::sleep_for(100us);
                              ++ran;
                          })
                    .has_value());
    }
    pool.close();
    CHECK(ran == 100);
    CHECK(pool.post(guest(0), job_kind::plain, [] {}) == tl::unexpected(io::lanes_closed{}));
    pool.close();
}

TEST_CASE("a job may submit another, also for its own guest")
{
    auto second = std::promise<void>{};
    auto pool = io::lane_pool{{.at_once = 1}};
    const auto posted = pool.post(guest(0), job_kind::plain, [&] {
        static_cast<void>(pool.post(guest(0), job_kind::plain, [&] { second.set_value(); }));
    });
    REQUIRE(posted.has_value());
    CHECK(second.get_future().wait_for(30s) == std::future_status::ready);
}

TEST_CASE("a long job keeps no other guest waiting while a place is free")
{
    auto release = std::promise<void>{};
    auto released = release.get_future().share();
    auto pool = io::lane_pool{{.at_once = 2}};
    auto long_one = *pool.submit(guest(0), job_kind::plain, [released] { released.wait(); });
    auto behind_it = *pool.submit(guest(0), job_kind::plain, [] {});
    auto others = std::vector<std::future<void>>{};
    for (auto index = 1U; index < 50; ++index) {
        others.push_back(*pool.submit(guest(index), job_kind::plain, [] {}));
    }
    for (auto& one : others) {
        CHECK(one.wait_for(30s) == std::future_status::ready);
    }
    CHECK(behind_it.wait_for(0s) == std::future_status::timeout);
    release.set_value();
    CHECK(long_one.wait_for(30s) == std::future_status::ready);
    CHECK(behind_it.wait_for(30s) == std::future_status::ready);
}
