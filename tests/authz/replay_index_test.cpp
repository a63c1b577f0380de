// SPDX-License-Identifier: Apache-2.0
#include "support/catch.hpp"

#include <felhom/authz/replay/replay_index.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

using felhom::authz::replay_index;

namespace {

auto name_of(std::size_t number) -> std::string
{
    return "nonce " + std::to_string(number);
}

constexpr auto many = std::size_t{5000};

/// So many nonces, each of which matters until its number.
auto filled() -> replay_index
{
    auto index = replay_index{};
    for (auto number = std::size_t{1}; number <= many; ++number) {
        REQUIRE(index.insert(name_of(number), static_cast<replay_index::seconds>(number)));
    }
    return index;
}

} // namespace

TEST_CASE("an index knows each of many nonces, and none that was not put in")
{
    auto index = filled();
    CHECK(index.size() == many);
    for (auto number = std::size_t{1}; number <= many; ++number) {
        REQUIRE(index.contains(name_of(number)));
        REQUIRE_FALSE(index.insert(name_of(number), 1));
        REQUIRE_FALSE(index.contains(name_of(number + many)));
    }
    CHECK(index.size() == many);
}

TEST_CASE("what matters until a second is forgotten with that second, and what matters longer is not")
{
    auto index = filled();
    index.erase_until(many / 2);
    CHECK(index.size() == many - (many / 2));
    CHECK_FALSE(index.contains(name_of(many / 2)));
    CHECK(index.contains(name_of((many / 2) + 1)));
    CHECK(index.insert(name_of(1), 1));
}

TEST_CASE("the latest time before a limit is none that reaches it")
{
    const auto index = filled();
    CHECK(index.latest_before(1) == 0);
    CHECK(index.latest_before(2) == 1);
    CHECK(index.latest_before(replay_index::for_ever) == many);
}

TEST_CASE("nonces that crowd at the end of the table make it larger, and none of them is lost")
{
    // The table is sorted by hash: those with the greatest hashes are pushed on past the last place of their own.
    auto crowded = std::vector<std::string>{};
    for (auto number = std::size_t{0}; crowded.size() < 200; ++number) {
        if (std::hash<std::string>{}(name_of(number)) >> 56U == 0xffU) {
            crowded.push_back(name_of(number));
        }
    }
    std::ranges::sort(crowded, {}, std::hash<std::string>{});
    const auto last = crowded.back();
    crowded.pop_back();
    auto index = replay_index{};
    for (const auto& nonce : crowded) {
        REQUIRE(index.insert(nonce, 1));
        REQUIRE_FALSE(index.contains(last));
    }
    CHECK(index.size() == crowded.size());
    for (const auto& nonce : crowded) {
        REQUIRE(index.contains(nonce));
    }
}

TEST_CASE("what matters until the beginning of time is kept, and is forgotten like any other")
{
    auto index = replay_index{};
    CHECK(index.insert("a", 0));
    CHECK(index.contains("a"));
    CHECK(index.size() == 1);
    index.erase_until(0);
    CHECK(index.contains("a"));
    CHECK(index.latest_before(2) == 1);
    index.erase_until(1);
    CHECK_FALSE(index.contains("a"));
    CHECK(index.size() == 0);
}
