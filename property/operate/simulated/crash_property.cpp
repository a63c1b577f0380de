// SPDX-License-Identifier: Apache-2.0
#include "operate/simulated/how_many.hpp"
#include "operate/simulated/scenario.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <sstream>
#include <string>

using namespace felhom;
using namespace felhom::testing;

namespace {

/// How many seeds of each kind are tried: fewer where each one costs more, and more under ./dev soak.
auto seeds(std::uint32_t usual) -> std::uint32_t
{
    return std::max(1U, usual * percent_of_worlds(2000) / 100);
}

struct fate {
    std::uint32_t seed;
    std::size_t effect;
    death how;
    std::size_t again = 0; ///< a second death so many effects after the restart; 0: none
};

/// What repeats one run: the argument of the case below.
auto replay_of(const fate& of) -> std::string
{
    auto text = std::ostringstream{};
    text << "FELHOM_REPLAY=" << of.seed << ":" << of.effect << ":" << static_cast<int>(of.how) << ":" << of.again
         << " crash_property '[replay]'";
    return text.str();
}

/// Runs the agent to that end, and on until all is quiet. Answers which law it broke.
auto broken_by(const fate& of, const sabotage& spoil = {}, const std::function<void(scenario&)>& prepare = {})
    -> std::string
{
    try {
        auto world = scenario{of.seed, spoil};
        if (prepare) {
            prepare(world);
        }
        world.run_with_death(of.effect, of.how, of.again);
        world.check_quiet();
        return {};
    } catch (const broken_law& law) {
        return law.what;
    } catch (const std::exception& error) {
        return error.what();
    }
}

auto effects_of(std::uint32_t seed) -> std::size_t
{
    auto world = scenario{seed};
    world.run();
    return world.agent().effects();
}

/// Every effect of the first seeds in turn. Answers at how many it was the last one.
auto die_at_every_effect(std::uint32_t first, std::uint32_t count) -> std::size_t
{
    auto points = std::size_t{0};
    for (auto seed = first; seed < first + count; ++seed) {
        const auto effects = effects_of(seed);
        for (auto effect = std::size_t{0}; effect < effects; ++effect) {
            const auto of = fate{.seed = seed, .effect = effect, .how = static_cast<death>((seed + effect) % 3)};
            if (const auto broken = broken_by(of); !broken.empty()) {
                FAIL_CHECK(broken << "; again: " << replay_of(of));
            }
            ++points;
        }
    }
    return points;
}

} // namespace

TEST_CASE("in a calm world everything that was signed and desired is done")
{
    auto calm = 0;
    for (auto seed = 0U; seed < 40; ++seed) {
        auto world = scenario{seed};
        INFO("seed " << seed);
        try {
            world.run();
            world.check_quiet();
            if (!world.has_faults()) {
                world.check_everything_was_done();
                ++calm;
            }
        } catch (const broken_law& law) {
            FAIL_CHECK(law.what);
        }
    }
    CHECK(calm > 3);
}

// In two halves, so that two cores have something to do.
TEST_CASE("whatever effect is the agent's last, nothing is lost, repeated or invented (first half)")
{
    CHECK(die_at_every_effect(number_from("FELHOM_SEED", 1000), seeds(18)) >= seeds(18) * 200U);
}

TEST_CASE("whatever effect is the agent's last, nothing is lost, repeated or invented (second half)")
{
    CHECK(die_at_every_effect(number_from("FELHOM_SEED", 1000) + 100'000, seeds(18)) >= seeds(18) * 200U);
}

TEST_CASE("an agent that dies twice, anywhere, in any world loses, repeats and invents nothing")
{
    const auto first = number_from("FELHOM_SEED", 1) + 200'000;
    for (auto seed = first; seed < first + seeds(2000); ++seed) {
        auto random = std::mt19937{seed};
        const auto of = fate{.seed = seed,
                             .effect = random() % 400,
                             .how = static_cast<death>(random() % 3),
                             .again = 1 + random() % 200};
        if (const auto broken = broken_by(of); !broken.empty()) {
            FAIL_CHECK(broken << "; again: " << replay_of(of));
        }
    }
}

TEST_CASE("one run, again", "[.][replay]")
{
    auto text = std::istringstream{std::getenv("FELHOM_REPLAY") == nullptr ? "" : std::getenv("FELHOM_REPLAY")};
    auto of = fate{};
    auto how = 0;
    auto colon = ':';
    text >> of.seed >> colon >> of.effect >> colon >> how >> colon >> of.again;
    REQUIRE(!text.fail());
    of.how = static_cast<death>(how);
    CHECK(broken_by(of) == "");
}

// ---- what the laws are worth: each of these faults in the agent breaks one

namespace {

using agents_world = agent::operation_io;

struct deliberate_fault {
    std::string name;
    sabotage spoil;
    std::function<void(scenario&)> prepare = {};
};

auto is_change(const proxmox::request& call) -> bool
{
    return call.method() != net::http_method::get;
}

/// The announcement is written after the call that it announces.
auto journal_after_effect(agents_world in, simulated_agent& agent) -> agents_world
{
    auto late = std::make_shared<std::vector<operate::operation_record>>();
    in.in.exchange = [late, plain = in.append, send = in.in.exchange](const std::vector<proxmox::request>& calls) {
        auto answers = send(calls);
        for (const auto& record : std::exchange(*late, {})) {
            static_cast<void>(plain(record));
        }
        return answers;
    };
    in.append =
        [late, &agent, plain = in.append](
            const operate::operation_record& record) -> tl::expected<hash_chain::receipt, operate::not_recorded> {
        if (std::holds_alternative<operate::operation_started>(record)) {
            late->push_back(record);
            auto any = operate::operation_claimed{.id = operate::operation_id{1},
                                                  .at = instant{},
                                                  .guest = *vmid::from_number(100),
                                                  .what = operate::guest_stop{},
                                                  .nonce = std::string(32, 'f'),
                                                  .expires_at = instant{},
                                                  .blob = {},
                                                  .signers = {}};
            return agent.false_receipt(*operate::to_payload(operate::operation_record{std::move(any)}));
        }
        return plain(record);
    };
    return in;
}

/// The nonce is used up once the operation is over.
auto nonce_after_execution(agents_world in, simulated_agent& agent) -> agents_world
{
    auto late = std::make_shared<std::vector<operate::claim_nonce>>();
    in.claim = [late,
                &agent](const operate::claim_nonce& wanted) -> tl::expected<hash_chain::receipt, authz::replay_error> {
        late->push_back(wanted);
        return agent.false_receipt(wanted.record);
    };
    in.append = [late, plain = in.append, &agent](const operate::operation_record& record) {
        if (std::holds_alternative<operate::operation_ended>(record)) {
            for (const auto& wanted : std::exchange(*late, {})) {
                static_cast<void>(agent.journal().claim(wanted.nonce, wanted.expires_at, wanted.record));
            }
        }
        return plain(record);
    };
    return in;
}

/// The answer to the call is believed, and the state not read.
auto no_read_back(agents_world in, simulated_agent& /*agent*/) -> agents_world
{
    auto failed = std::make_shared<bool>(false);
    in.in.exchange = [failed, plain = in.in.exchange](const std::vector<proxmox::request>& calls) {
        auto answers = plain(calls);
        if (!calls.empty() && is_change(calls.front())) {
            *failed = !answers.front() || answers.front()->status >= 300;
        }
        return answers;
    };
    in.append = [failed, plain = in.append](operate::operation_record record) {
        if (auto* const end = std::get_if<operate::operation_ended>(&record)) {
            end->how = *failed ? operate::ending::failed : operate::ending::succeeded;
        }
        return plain(record);
    };
    return in;
}

auto ends_as(operate::ending from, operate::ending to) -> sabotage
{
    return [from, to](agents_world in, simulated_agent& /*agent*/) {
        in.append = [from, to, plain = in.append](operate::operation_record record) {
            auto* const end = std::get_if<operate::operation_ended>(&record);
            if (end != nullptr && end->how == from) {
                end->how = to;
            }
            return plain(record);
        };
        return in;
    };
}

/// A call whose answer was lost is made again.
auto lost_answer_is_asked_again(agents_world in, simulated_agent& /*agent*/) -> agents_world
{
    in.in.exchange = [plain = in.in.exchange](const std::vector<proxmox::request>& calls) {
        auto answers = plain(calls);
        const auto lost = !answers.empty() && (!answers.front() || answers.front()->status >= 595);
        return lost && is_change(calls.front()) ? plain(calls) : answers;
    };
    return in;
}

/// A restart knows nothing of what was begun before.
auto forgets_what_was_begun(agents_world in, simulated_agent& /*agent*/) -> agents_world
{
    in.ledger = [] { return operate::ledger{}; };
    return in;
}

/// Every nonce is taken, used or not, and nothing is known of before.
auto takes_any_nonce(agents_world in, simulated_agent& agent) -> agents_world
{
    in.ledger = [] { return operate::ledger{}; };
    in.claim = [&agent, plain = in.claim](
                   const operate::claim_nonce& wanted) -> tl::expected<hash_chain::receipt, authz::replay_error> {
        auto made = plain(wanted);
        return made ? made : agent.false_receipt(wanted.record);
    };
    return in;
}

/// The end is never written down.
auto never_ends(agents_world in, simulated_agent& /*agent*/) -> agents_world
{
    in.append =
        [plain = in.append](
            const operate::operation_record& record) -> tl::expected<hash_chain::receipt, operate::not_recorded> {
        if (std::holds_alternative<operate::operation_ended>(record)) {
            return tl::unexpected(operate::not_recorded{"left out"});
        }
        return plain(record);
    };
    return in;
}

} // namespace

TEST_CASE("the laws bite: each of these faults in the agent is caught")
{
    using operate::ending;
    const auto faults = std::vector<deliberate_fault>{
        {"the journal is written after the effect", journal_after_effect},
        {"the nonce is used up after the execution", nonce_after_execution},
        {"the state is not read back", no_read_back},
        {"unknown is taken for success", ends_as(ending::unknown, ending::succeeded)},
        {"unknown is taken for failure", ends_as(ending::unknown, ending::failed)},
        {"a call whose answer was lost is made again", lost_answer_is_asked_again},
        {"a restart forgets what was begun", forgets_what_was_begun},
        {"a nonce is taken twice", takes_any_nonce},
        {"the end is not recorded", never_ends},
        {"a guest's operations do not wait for each other",
         {},
         [](scenario& world) { world.agent().without_lanes = true; }},
        {"the disk does not sync", {}, [](scenario& world) { world.agent().disk().lie_about_syncs(); }},
    };
    for (const auto& [name, spoil, prepare] : faults) {
        auto caught = std::string{};
        for (auto seed = 300'000U; caught.empty() && seed < 301'000U; ++seed) {
            auto random = std::mt19937{seed};
            caught = broken_by({.seed = seed, .effect = random() % 300, .how = static_cast<death>(random() % 3)}, spoil,
                               prepare);
        }
        INFO(name);
        CHECK(!caught.empty());
        if (std::getenv("FELHOM_SHOW") != nullptr) {
            WARN(name << ": " << caught);
        }
    }
}
