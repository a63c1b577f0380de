// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/authz/replay/replay_memory.hpp>
#include <felhom/authz/replay/replay_record.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace replay_memory_tests {

using namespace felhom;
using namespace felhom::authz;
using namespace std::chrono_literals;

namespace {

constexpr auto noon = instant{std::chrono::seconds{1'800'000'000}};

auto nonce_of(char digit) -> nonce
{
    return *nonce::parse(std::string(32, digit));
}

/// Why a nonce is not taken, by its code; or "taken".
auto admitted(replay_memory& memory, char digit, instant expires_at) -> std::string
{
    const auto made = memory.admit(nonce_of(digit), expires_at);
    return made ? "taken" : std::string{code(made.error())};
}

auto claim_of(const std::string& nonce, instant expires_at) -> replay_record
{
    return claim_record{.nonce = nonce, .expires_at = expires_at};
}

} // namespace

TEST_CASE("what expires at the horizon is refused, and a millisecond later it is not")
{
    auto memory = replay_memory{10};
    memory.fold(horizon_record{noon});
    CHECK(admitted(memory, '1', noon) == "replay.horizon");
    CHECK(admitted(memory, '1', noon + 1ms) == "taken");
    CHECK_FALSE(memory.is_live({.nonce = "", .expires_at = noon}));
    CHECK(memory.is_live({.nonce = "", .expires_at = noon + 1ms}));
}

TEST_CASE("a claim asks for a ceiling above its expiry where none is as high, and for none up to the one there is")
{
    auto memory = replay_memory{10};
    const auto first = memory.admit(nonce_of('1'), noon);
    REQUIRE(first);
    CHECK(first->ceiling == ceiling_record{noon + 5min});
    memory.fold(ceiling_record{noon + 5min});
    CHECK(memory.admit(nonce_of('2'), noon + 5min)->ceiling == std::nullopt);
    CHECK(memory.admit(nonce_of('3'), noon + 5min + 1ms)->ceiling == ceiling_record{noon + 10min + 1ms});
}

TEST_CASE("the ceiling of a claim that never expires is the end of time")
{
    auto memory = replay_memory{10};
    CHECK(memory.admit(nonce_of('1'), instant::max())->ceiling == ceiling_record{instant::max()});
    CHECK(memory.admit(nonce_of('2'), instant::max() - 1min)->ceiling == ceiling_record{instant::max()});
}

TEST_CASE("neither a horizon nor a ceiling is ever taken back")
{
    auto memory = replay_memory{10};
    memory.fold(horizon_record{noon});
    memory.fold(horizon_record{noon - 1h});
    memory.fold(ceiling_record{noon + 1h});
    memory.fold(ceiling_record{noon});
    CHECK(memory.horizon() == noon);
    CHECK(memory.ceiling() == noon + 1h);
}

TEST_CASE("after a loss the horizon rises to the ceiling, and never falls to it")
{
    auto memory = replay_memory{10};
    CHECK(memory.after_loss() == std::nullopt);
    memory.fold(ceiling_record{noon});
    CHECK(memory.after_loss() == horizon_record{noon});
    memory.fold(horizon_record{noon - 1ms});
    CHECK(memory.after_loss() == horizon_record{noon});
    memory.fold(horizon_record{noon});
    CHECK(memory.after_loss() == std::nullopt);
    memory.fold(horizon_record{noon + 1h});
    CHECK(memory.after_loss() == std::nullopt);
}

TEST_CASE("a claim that is folded is seen, and within the horizon it takes no room")
{
    auto memory = replay_memory{10};
    memory.fold(claim_of(nonce_of('1').text(), noon));
    CHECK(memory.has_seen(nonce_of('1')));
    memory.fold(horizon_record{noon});
    memory.fold(claim_of(nonce_of('2').text(), noon));
    CHECK_FALSE(memory.has_seen(nonce_of('2')));
    CHECK(memory.size() == 1);
}

TEST_CASE("as many nonces as are allowed are held, and not one more")
{
    auto memory = replay_memory{2};
    CHECK(admitted(memory, '1', noon) == "taken");
    CHECK(admitted(memory, '2', noon) == "taken");
    CHECK(admitted(memory, '3', noon) == "replay.full");
    CHECK(admitted(memory, '2', noon) == "replay.seen");
}

TEST_CASE("a nonce is forgotten once the skew after its expiry has passed, and is then covered by the horizon")
{
    auto memory = replay_memory{10};
    REQUIRE(memory.admit(nonce_of('1'), noon + 1ms)); // counted to the whole second after it
    CHECK(memory.to_forget(noon + 1s + 30s, 30s) == std::nullopt);
    CHECK(memory.to_forget(noon + 2s, -30s) == horizon_record{noon + 1s});
    const auto raised = memory.to_forget(noon + 2s + 30s, 30s);
    REQUIRE(raised == horizon_record{noon + 1s});
    memory.fold(*raised);
    CHECK(memory.drop_forgotten() == 1);
    CHECK(memory.size() == 0);
    CHECK(admitted(memory, '1', noon + 1ms) == "replay.horizon");
}

TEST_CASE("only what the horizon covers is dropped")
{
    auto memory = replay_memory{10};
    REQUIRE(memory.admit(nonce_of('1'), noon));
    REQUIRE(memory.admit(nonce_of('2'), noon + 1s));
    CHECK(memory.drop_forgotten() == 0);
    memory.fold(horizon_record{noon});
    CHECK(memory.drop_forgotten() == 1);
    CHECK(memory.has_seen(nonce_of('2')));
}

TEST_CASE("a clock that shows the beginning of time forgets nothing")
{
    auto memory = replay_memory{10};
    REQUIRE(memory.admit(nonce_of('1'), noon));
    CHECK(memory.to_forget(instant::min(), 30s) == std::nullopt);
    CHECK(memory.to_forget(instant::min() + 29s, 30s) == std::nullopt);
}

TEST_CASE("what expires at the beginning of our time is kept like any other")
{
    auto memory = replay_memory{10};
    CHECK(admitted(memory, '1', instant{}) == "taken");
    CHECK(admitted(memory, '1', instant{}) == "replay.seen");
    CHECK(memory.to_forget(noon, 30s) == horizon_record{instant{1s}});
}

TEST_CASE("a replay record is read in the one spelling that it is written in, and in no other")
{
    const auto reads = [](const std::string& text) { return parse_replay_record(text).has_value(); };
    const auto nonce = std::string(32, '1');
    CHECK(reads(R"({"nonce":")" + nonce + R"(","expires_at":1})"));
    CHECK(reads(R"({"nonce":")" + nonce + R"(","expires_at":1,"operation":{"op":"x"}})"));
    CHECK(reads(R"({"horizon":-5})"));
    CHECK(reads(R"({"ceiling":5})"));
    for (const auto& text :
         {R"({"nonce":")" + nonce + R"(","expires_at":1,"other":{}})",
          R"({"nonce":")" + nonce + R"(","expires_at":1}})",
          R"({"nonce":")" + nonce + R"(","expires_at":99999999999999999999})",
          R"({"nonce":")" + nonce.substr(1) + R"(","expires_at":1})", std::string{R"({"nonce":"","expires_at":1})"},
          std::string{R"({"horizon":5}})"}, std::string{R"({"horizon":5,"ceiling":6})"}, std::string{R"({"horizon":})"},
          std::string{R"({"ceiling":5 })"}, std::string{R"({"ceiling":"5"})"},
          std::string{R"({"ceiling":99999999999999999999})"}, std::string{"{}"}, std::string{}}) {
        INFO(text);
        CHECK_FALSE(reads(text));
    }
}

} // namespace replay_memory_tests
