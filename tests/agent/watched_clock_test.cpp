// SPDX-License-Identifier: Apache-2.0
#include "agent/setup/watched_clock.hpp"
#include "support/catch.hpp"
#include "support/unprivileged.hpp"

#include <filesystem>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto skew = 30s;
constexpr auto some_time = instant{std::chrono::hours{500'000}};

/// A state directory, and the clocks of its machine.
class clock_world {
public:
    [[nodiscard]] auto mark() const -> std::string { return around_.path() + "/clock-stepped"; }
    [[nodiscard]] auto draft() const -> std::string { return around_.path() + "/.clock-stepped.new"; }
    [[nodiscard]] auto is_marked() const -> bool { return std::filesystem::exists(mark()); }
    [[nodiscard]] auto start() const -> agent::watched_clock { return agent::watched_clock{mark()}; }
    [[nodiscard]] auto is_trusted(agent::watched_clock& by, const authz::clock_words& words = {}) const -> bool
    {
        return by.look(some_time + stepped_, steady_instant{1h}, skew, words);
    }
    void step(std::chrono::milliseconds by) { stepped_ += by; }

private:
    scratch around_;
    std::chrono::milliseconds stepped_{0};
};

} // namespace

TEST_CASE("a clock that was set forward is not trusted after a restart either, until something speaks for it")
{
    auto here = clock_world{};
    auto first = here.start();
    CHECK(here.is_trusted(first));
    CHECK_FALSE(here.is_marked());
    here.step(1h);
    CHECK_FALSE(here.is_trusted(first));
    CHECK(here.is_marked());
    auto second = here.start();
    CHECK_FALSE(here.is_trusted(second));
    CHECK(here.is_trusted(second, {.kernel = true}));
    CHECK_FALSE(here.is_marked());
    auto third = here.start();
    CHECK(here.is_trusted(third));
}

TEST_CASE("who removes the mark says that the clock is right")
{
    auto here = clock_world{};
    auto running = here.start();
    CHECK(here.is_trusted(running));
    here.step(1h);
    CHECK_FALSE(here.is_trusted(running));
    std::filesystem::remove(here.mark());
    CHECK(here.is_trusted(running));
    CHECK_FALSE(here.is_marked());
}

TEST_CASE("a mark that cannot be written is no word of a person's")
{
    auto here = clock_world{};
    auto running = here.start();
    CHECK(here.is_trusted(running));
    // A directory where the draft of the mark would stand: root is kept from writing by nothing less.
    std::filesystem::create_directory(here.draft());
    here.step(1h);
    CHECK_FALSE(here.is_trusted(running));
    CHECK_FALSE(here.is_trusted(running));
}
