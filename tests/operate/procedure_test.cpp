#include "support/catch.hpp"

#include <felhom/core/overloaded.hpp>
#include <felhom/operate/procedure.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

using namespace felhom;
using namespace felhom::operate;
using namespace std::chrono_literals;

namespace {

constexpr auto first_time = instant{1h};

/// A world of which only the clock and the numbers are asked; each answer can be told from every other.
struct counting_world {
    int clock_reads = 0;
    int sleeps = 0;
    int numbers = 0;

    template <typename T>
    void step(procedure<T>& work)
    {
        work.step(overloaded{
            [this](const read_clock&) { return first_time + std::chrono::minutes{++clock_reads}; },
            [this](const read_steady_clock&) { return steady_instant{++clock_reads * 1h}; },
            [this](const sleep_for& wanted) {
                ++sleeps;
                return steady_instant{wanted.pause};
            },
            [this](const draw_number&) { return operation_id{static_cast<std::uint64_t>(++numbers)}; },
            []<typename Other>(const Other&) -> typename Other::answer { throw std::logic_error{"not asked here"}; },
        });
    }
};

auto ask_twice(std::shared_ptr<int> begun) -> procedure<std::string>
{
    ++*begun;
    const auto id = co_await draw_number{};
    ++*begun;
    const auto now = co_await read_clock{};
    co_return std::to_string(number(id)) + " at " + std::to_string((now - first_time) / 1min);
}

auto number_drawn() -> procedure<int>
{
    const auto id = co_await draw_number{};
    co_return static_cast<int>(number(id));
}

auto without_effects() -> procedure<int>
{
    co_return 7;
}

auto sum_of_parts(std::shared_ptr<int> /*witness*/) -> procedure<int>
{
    const auto none = co_await without_effects();
    const auto first = co_await number_drawn();
    const auto second = co_await number_drawn();
    co_return none * 100 + first * 10 + second;
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
    auto work = []() -> procedure<bool> {
        const auto now = co_await read_steady_clock{};
        const auto later = co_await sleep_for{7h};
        co_return now == steady_instant{1h} && later == steady_instant{7h};
    }();
    auto in = counting_world{};
    in.step(work);
    in.step(work);
    CHECK(in.clock_reads == 1);
    CHECK(in.sleeps == 1);
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
