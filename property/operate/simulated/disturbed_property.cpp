// SPDX-License-Identifier: Apache-2.0
#include "operate/simulated/disturbed_world.hpp"
#include "operate/simulated/how_many.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

// Whatever comes between an agent's look and its call: nothing is destroyed on the strength of an old look, and nothing
// is told as done that the agent did not do.

using namespace felhom;
using namespace felhom::testing;

namespace {

const auto nothing_planted = planted_fault{.name = "nothing", .breach = {}};

// The gate's worlds are in two halves, so that two cores have something to do.
constexpr auto first_half = 1'000'000U;
constexpr auto second_half = 2'000'000U;
constexpr auto worlds_in_a_half = 1000U;

struct run_of_worlds {
    std::uint32_t first;
    std::uint32_t count;
    std::size_t enough; ///< worlds in which each disturbance fell between a look and its call
};

/// A half of the worlds: the gate's, or fifty times as many under ./dev soak.
auto worlds_from(std::uint32_t first) -> run_of_worlds
{
    const auto percent = percent_of_worlds(5000);
    return {.first = first + number_from("FELHOM_SEED", 0),
            .count = worlds_in_a_half * percent / 100,
            .enough = percent / 5};
}

/// Which laws a world broke, or how it could not go on.
auto broken_by(std::uint32_t seed, const planted_fault& planted, std::map<disturbance, std::size_t>& between)
    -> std::vector<std::string>
{
    try {
        auto world = disturbed_world{seed, planted};
        world.run();
        for (const auto what : world.between()) {
            ++between[what];
        }
        return world.broken();
    } catch (const std::exception& error) {
        return {error.what()};
    }
}

/// Without the case: what one kind of breach has in common.
auto kind_of(const std::string& breach) -> std::string
{
    return breach.substr(0, breach.find(':'));
}

void holds_in(const run_of_worlds& worlds)
{
    auto between = std::map<disturbance, std::size_t>{};
    auto breaches = std::map<std::string, std::size_t>{};
    for (auto number = 0U; number < worlds.count; ++number) {
        const auto seed = worlds.first + number;
        for (const auto& breach : broken_by(seed, nothing_planted, between)) {
            if (++breaches[kind_of(breach)] <= 3) {
                FAIL_CHECK(breach << "; again: FELHOM_REPLAY=" << seed << " crash_property '[disturbed replay]'");
            }
        }
    }
    std::cout << "in " << worlds.count << " worlds there fell between a look and its call:\n";
    for (const auto& [what, name] : disturbances) {
        std::cout << "  " << between[what] << "\t" << name << "\n";
        CAPTURE(name);
        CHECK(between[what] >= worlds.enough);
    }
    for (const auto& [kind, times] : breaches) {
        std::cout << "  broken " << times << " times: " << kind << "\n";
    }
}

} // namespace

TEST_CASE("whatever comes between, nothing is destroyed unlooked at and nothing told that was not done (first half)")
{
    holds_in(worlds_from(first_half));
}

TEST_CASE("whatever comes between, nothing is destroyed unlooked at and nothing told that was not done (second half)")
{
    holds_in(worlds_from(second_half));
}

// ---- what the laws are worth: each of these faults in the agent breaks one

namespace {

using agents_world = agent::operation_io;

/// Of what shows the state of a guest or of a backup the first answer is given again and again.
auto looks_only_once(agents_world in, simulated_agent& /*agent*/) -> agents_world
{
    auto first = std::make_shared<std::map<std::string, net::exchanged>>();
    in.in.exchange = [first, plain = in.in.exchange](const std::vector<proxmox::request>& calls) {
        const auto& target = calls.front().target();
        const auto is_look = calls.size() == 1 && calls.front().method() == net::http_method::get
                             && (target.ends_with("/pending") || target.ends_with("/snapshot")
                                 || target.find("/content") != std::string::npos);
        if (!is_look) {
            return plain(calls);
        }
        const auto known = first->find(target);
        return std::vector{known != first->end() ? known->second
                                                 : first->emplace(target, plain(calls).front()).first->second};
    };
    return in;
}

/// A person's tasks are taken for the agent's own.
void takes_roots_tasks_for_its_own(operate::operating_rules& rules)
{
    rules.user = sim::root_itself().text();
}

/// What is under way inside the node is not waited for.
void waits_for_nothing_under_way(operate::operating_rules& rules)
{
    rules.search.settles_within = std::chrono::milliseconds{0};
}

auto planted_faults() -> std::vector<planted_fault>
{
    return {
        {.name = "no fresh look before a call",
         .breach = "a signed call without a look since its claim",
         .spoil = looks_only_once},
        {.name = "a task of somebody else's counts as the agent's own",
         .breach = "told as done by us, and was not",
         .bend = takes_roots_tasks_for_its_own},
        {.name = "what is under way is not given time to settle",
         .breach = "told as not done, and we did it",
         .bend = waits_for_nothing_under_way},
    };
}

/// The first breach of that kind in the gate's worlds.
auto caught_in_the_gates_worlds(const planted_fault& planted) -> std::string
{
    auto between = std::map<disturbance, std::size_t>{};
    for (const auto first : {first_half, second_half}) {
        for (auto seed = first; seed < first + worlds_in_a_half; ++seed) {
            for (const auto& breach : broken_by(seed, planted, between)) {
                if (kind_of(breach) == planted.breach) {
                    return breach + " (seed " + std::to_string(seed) + ")";
                }
            }
        }
    }
    return {};
}

} // namespace

TEST_CASE("the gate's disturbed worlds notice when a fresh look, the own-task rule or the time to settle is taken out")
{
    for (const auto& planted : planted_faults()) {
        const auto caught = caught_in_the_gates_worlds(planted);
        INFO(planted.name);
        CHECK(!caught.empty());
        std::cout << planted.name << ": " << caught << "\n";
    }
}

TEST_CASE("one disturbed run, again", "[.][disturbed replay]")
{
    auto between = std::map<disturbance, std::size_t>{};
    const auto broken = broken_by(number_from("FELHOM_REPLAY", 0), nothing_planted, between);
    for (const auto& breach : broken) {
        FAIL_CHECK(breach);
    }
}
