// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/core/overloaded.hpp>
#include <felhom/core/procedure.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

using namespace felhom;

namespace {

struct read_clock {
    using answer = int; ///< minutes
};
struct wait_for {
    using answer = int; ///< minutes, too
    int minutes;
};
struct draw_number {
    using answer = std::unique_ptr<int>; ///< which nobody can copy
};

using all_effects = std::variant<read_clock, wait_for, draw_number>;
template <typename T>
using work_of = procedure<all_effects, T>;
template <typename T>
using timing = procedure<std::variant<wait_for, read_clock>, T>;

/// A world whose answers can be told from one another.
struct counting_world {
    int clock_reads = 0;
    int waits = 0;
    int numbers = 0;

    template <typename Effects, typename T>
    void step(procedure<Effects, T>& work)
    {
        work.step(overloaded{
            [this](const read_clock&) { return ++clock_reads; },
            [this](const wait_for& wanted) {
                ++waits;
                return 100 + wanted.minutes;
            },
            [this](const draw_number&) { return std::make_unique<int>(++numbers); },
        });
    }
};

auto ask_twice(std::shared_ptr<int> begun) -> work_of<std::string>
{
    ++*begun;
    const auto drawn = co_await draw_number{};
    ++*begun;
    const auto now = co_await read_clock{};
    co_return std::to_string(*drawn) + " at " + std::to_string(now);
}

auto number_drawn() -> work_of<int>
{
    const auto drawn = co_await draw_number{};
    co_return *drawn;
}

auto without_effects() -> work_of<int>
{
    co_return 7;
}

auto sum_of_parts(std::shared_ptr<int> /*witness*/) -> work_of<int>
{
    const auto none = co_await without_effects();
    const auto first = co_await number_drawn();
    const auto second = co_await number_drawn();
    co_return none * 100 + first * 10 + second;
}

auto time_after(int minutes) -> timing<int>
{
    static_cast<void>(co_await wait_for{minutes});
    co_return co_await read_clock{};
}

auto times_after(int minutes) -> timing<int>
{
    const auto first = co_await time_after(minutes);
    const auto second = co_await time_after(minutes);
    co_return first * 10 + second;
}

auto with_timing(std::shared_ptr<int> /*witness*/) -> work_of<int>
{
    const auto drawn = co_await draw_number{};
    const auto times = co_await times_after(5);
    const auto now = co_await read_clock{};
    co_return *drawn * 1000 + times * 10 + now;
}

} // namespace

TEST_CASE("a procedure does nothing until it is asked what it needs, and then runs to its first effect")
{
    const auto begun = std::make_shared<int>(0);
    auto work = ask_twice(begun);
    CHECK(*begun == 0);
    const auto* const asked = work.pending();
    CHECK(*begun == 1);
    REQUIRE(asked != nullptr);
    CHECK(std::holds_alternative<draw_number>(*asked));
    CHECK(work.pending() == asked);
    CHECK(*begun == 1);
}

TEST_CASE("each step performs the one pending effect and runs on to the next, until there is a result")
{
    const auto begun = std::make_shared<int>(0);
    auto work = ask_twice(begun);
    auto in = counting_world{};
    in.step(work);
    CHECK(*begun == 2);
    CHECK(in.numbers == 1);
    CHECK(in.clock_reads == 0);
    REQUIRE(work.pending() != nullptr);
    CHECK(std::holds_alternative<read_clock>(*work.pending()));
    in.step(work);
    CHECK(work.pending() == nullptr);
    CHECK(std::move(work).result() == "1 at 1");
}

TEST_CASE("a step after the end does nothing")
{
    auto work = number_drawn();
    auto in = counting_world{};
    in.step(work);
    in.step(work);
    CHECK(in.numbers == 1);
    CHECK(std::move(work).result() == 1);
}

TEST_CASE("a procedure that needs nothing has ended at once")
{
    auto work = without_effects();
    CHECK(work.pending() == nullptr);
    CHECK(std::move(work).result() == 7);
}

TEST_CASE(
    "what a called procedure needs is asked of whoever drives the caller, and its result comes back to the caller")
{
    auto work = sum_of_parts(nullptr);
    auto in = counting_world{};
    REQUIRE(work.pending() != nullptr);
    CHECK(std::holds_alternative<draw_number>(*work.pending()));
    in.step(work);
    REQUIRE(work.pending() != nullptr);
    in.step(work);
    CHECK(work.pending() == nullptr);
    CHECK(in.numbers == 2);
    CHECK(std::move(work).result() == 712);
}

TEST_CASE("of two effects with answers of one type, each gets its own")
{
    auto work = []() -> work_of<bool> {
        const auto now = co_await read_clock{};
        const auto later = co_await wait_for{7};
        co_return now == 1 && later == 107;
    }();
    auto in = counting_world{};
    in.step(work);
    in.step(work);
    CHECK(in.clock_reads == 1);
    CHECK(in.waits == 1);
    CHECK(std::move(work).result());
}

TEST_CASE("a procedure goes on where it was after it was moved, its called one too")
{
    auto in = counting_world{};
    auto work = sum_of_parts(nullptr);
    in.step(work);
    auto elsewhere = std::move(work);
    in.step(elsewhere);
    CHECK(elsewhere.pending() == nullptr);
    CHECK(std::move(elsewhere).result() == 712);
}

TEST_CASE("dropping a procedure lets go of all that it holds, wherever it was")
{
    const auto witness = std::make_shared<int>(0);
    for (const auto steps : {0, 1, 2}) {
        auto in = counting_world{};
        {
            auto work = sum_of_parts(witness);
            for (auto made = 0; made < steps; ++made) {
                in.step(work);
            }
            CHECK(witness.use_count() > 1);
        }
        CHECK(in.numbers == steps);
        CHECK(witness.use_count() == 1);
    }
}

TEST_CASE("a procedure of few effects is a part of one of more, however deep, and what it needs is asked of that one's "
          "driver")
{
    auto work = with_timing(nullptr);
    auto in = counting_world{};
    auto asked = std::string{};
    while (const auto* const wanted = work.pending()) {
        asked += std::visit(overloaded{[](const read_clock&) { return 'c'; }, [](const wait_for&) { return 'w'; },
                                       [](const draw_number&) { return 'n'; }},
                            *wanted);
        in.step(work);
    }
    CHECK(asked == "nwcwcc");
    CHECK(std::move(work).result() == 1123);
}

TEST_CASE("dropping one inside a part of fewer effects lets go of all that it holds")
{
    const auto witness = std::make_shared<int>(0);
    for (const auto steps : {1, 2, 4, 5}) {
        auto in = counting_world{};
        {
            auto work = with_timing(witness);
            for (auto made = 0; made < steps; ++made) {
                in.step(work);
            }
            auto moved = std::move(work);
            CHECK(moved.pending() != nullptr);
            CHECK(witness.use_count() > 1);
        }
        CHECK(witness.use_count() == 1);
    }
}
