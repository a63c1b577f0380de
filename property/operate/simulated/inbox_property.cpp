// SPDX-License-Identifier: Apache-2.0
#include "operate/simulated/how_many.hpp"
#include "operate/simulated/simulated_box.hpp"
#include "operate/simulated/wishes.hpp"
#include "support/catch.hpp"

#include <felhom/authz/operation/bundle.hpp>
#include <felhom/operate/procedures/take_in.hpp>
#include <felhom/operate/procedures/take_up.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace felhom;
using namespace felhom::testing;

namespace {

/// How a fault in the agent takes bundles in.
using intake = std::function<void(const agent::operation_io&, simulated_box&)>;

void take_in_truly(const agent::operation_io& in, simulated_box& box)
{
    static_cast<void>(agent::run(operate::take_in(std::nullopt, simulated_rules()), simulated_inbox{in, box}));
}

/// An agent with a drop box, in which each of the node's signed operations stands, one of them twice, beside what is no
/// bundle.
class inbox_world {
public:
    explicit inbox_world(std::uint32_t seed, intake how = take_in_truly)
        : agent_{node_for_signed_operations(), seed}, how_{std::move(how)}
    {
        agent_.around = {.now = {}, .signers = listed_signers()};
        wishes_ = wishes_at(agent_, std::chrono::hours{6});
        for (const auto& wish : wishes_) {
            drop(wish.effect, wish);
        }
        drop("the first again", wishes_.front());
        box_.dropped.emplace("none.bundle", "no bundle");
        names_.emplace("none.bundle", operate::unproven_result_name(*sha256("no bundle")));
    }

    [[nodiscard]] auto agent() -> simulated_agent& { return agent_; }
    [[nodiscard]] auto lost() const -> const std::string& { return lost_; }

    void run()
    {
        static constexpr auto most_looks = 4;
        const auto in = agent_.start();
        static_cast<void>(agent::run(in, operate::take_up(simulated_rules())));
        for (auto looks = 0; looks < most_looks && !(box_.dropped.empty() && box_.taken.empty()); ++looks) {
            how_(in, box_);
            agent_.outside().sleep_until(agent_.outside().now() + std::chrono::minutes{2});
        }
        agent_.stop();
    }

    /// Runs with a death at the nth effect, and again until a run ends by itself.
    void run_with_death(std::size_t at, death how)
    {
        agent_.die_at(at, how);
        for (auto lives = 0; lives < 4; ++lives) {
            try {
                run();
                break;
            } catch (const agent_died&) {
                note_what_is_lost();
                agent_.after_death();
            }
        }
        agent_.live_on();
        note_what_is_lost();
    }

    /// Which law was broken; empty: none.
    [[nodiscard]] auto broken() -> std::string
    {
        if (!lost_.empty()) {
            return lost_ + " is gone, and has no result";
        }
        if (!box_.taken.empty()) {
            return box_.taken.begin()->first + " is still in the box";
        }
        for (const auto& wish : wishes_) {
            const auto times = agent_.node().effects_of(wish.guest, wish.effect);
            const auto result = operate::parse_signed_result(box_.results.at(operate::result_name(wish.blob)));
            const auto succeeded = result && result->state == operate::signed_state::succeeded;
            if (times > 1 || succeeded != (times == 1)) {
                return wish.effect + " happened " + std::to_string(times) + " times, and its result says "
                       + (result ? std::string{text_of(result->state)} : "nothing");
            }
        }
        return {};
    }

private:
    void drop(const std::string& name, const signed_wish& wish)
    {
        const auto text = authz::write_bundle({.blob = wish.submitted.blob, .armor = wish.submitted.armors.front()});
        box_.dropped.emplace(name + ".bundle", text.value());
        names_.emplace(name + ".bundle", operate::result_name(wish.blob));
    }

    void note_what_is_lost()
    {
        for (const auto& [source, result] : names_) {
            if (!box_.dropped.contains(source) && !box_.taken.contains(source) && !box_.results.contains(result)) {
                lost_ = source;
            }
        }
    }

    simulated_agent agent_;
    simulated_box box_{agent_};
    intake how_;
    std::vector<signed_wish> wishes_;
    std::map<std::string, std::string> names_; ///< of the results, by what was dropped
    std::string lost_;
};

auto broken_by_death(std::uint32_t seed, std::size_t effect, const intake& how = take_in_truly) -> std::string
{
    auto world = inbox_world{seed, how};
    world.run_with_death(effect, static_cast<death>((seed + effect) % 3));
    return world.broken();
}

auto effects_without_death(std::uint32_t seed) -> std::size_t
{
    auto world = inbox_world{seed};
    world.run();
    CHECK(world.broken().empty());
    return world.agent().effects();
}

/// Lets each bundle go before its result is written.
void let_go_first(const agent::operation_io& in, simulated_box& box)
{
    auto late = std::vector<operate::write_result>{};
    const auto truly = simulated_inbox{in, box};
    const auto perform = [&]<typename Effect>(Effect wanted) -> typename Effect::answer {
        if constexpr (std::is_same_v<Effect, operate::write_result>) {
            late.push_back(std::move(wanted));
            return {};
        } else if constexpr (std::is_same_v<Effect, operate::let_bundle_go>) {
            auto gone = truly(wanted);
            for (const auto& one : std::exchange(late, {})) {
                static_cast<void>(truly(one));
            }
            return gone;
        } else {
            return truly(std::move(wanted));
        }
    };
    static_cast<void>(agent::run(operate::take_in(std::nullopt, simulated_rules()), perform));
}

} // namespace

TEST_CASE("whatever effect of taking bundles in is the last, each is there still or has its result, and is done once")
{
    const auto first = number_from("FELHOM_SEED", 1000) + 400'000;
    const auto count = std::max(1U, 6 * percent_of_worlds(2000) / 100);
    auto points = std::size_t{0};
    for (auto seed = first; seed < first + count; ++seed) {
        const auto effects = effects_without_death(seed);
        for (auto effect = std::size_t{0}; effect < effects; ++effect, ++points) {
            if (const auto broken = broken_by_death(seed, effect); !broken.empty()) {
                FAIL_CHECK(broken << ": seed " << seed << ", effect " << effect);
            }
        }
    }
    CHECK(points > 200U * count);
}

TEST_CASE("a bundle that is let go before its result is written is found to be lost")
{
    const auto effects = effects_without_death(7);
    auto caught = std::string{};
    for (auto effect = std::size_t{0}; caught.empty() && effect < effects; ++effect) {
        caught = broken_by_death(7, effect, let_go_first);
    }
    CHECK(caught.ends_with("is gone, and has no result"));
}
