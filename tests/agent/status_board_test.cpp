// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/status_board.hpp"
#include "support/catch.hpp"

#include <chrono>

using namespace felhom;
using namespace std::chrono_literals;

namespace {

const auto board_noon = *parse_instant("2026-06-01T12:00:00Z");
constexpr auto board_start = steady_instant{100s};

} // namespace

TEST_CASE("how long no pass was made is counted from the start, and from the last that was made")
{
    auto board = agent::status_board{board_start};
    CHECK(board.without_pass(board_start + 7s) == 7s);
    board.passed({.at = board_noon, .desired = {}, .drift = {}}, board_start + 10s);
    CHECK(board.without_pass(board_start + 12s) == 2s);
    board.not_passed("the node could not be read");
    CHECK(board.without_pass(board_start + 20s) == 10s);
}

TEST_CASE("the next pass is told by the wall clock as it is set now")
{
    auto board = agent::status_board{board_start};
    CHECK(board.passes(board_noon, board_start).next == std::nullopt);
    board.passes_next(board_start + 60s);
    CHECK(board.passes(board_noon, board_start).next == board_noon + 60s);
    CHECK(board.passes(board_noon - 24h, board_start + 20s).next == board_noon - 24h + 40s);
}

TEST_CASE("a step of the wall clock is kept until the next one")
{
    auto board = agent::status_board{board_start};
    CHECK_FALSE(board.clocks_show(board_noon, board_start, 30s).has_value());
    CHECK(board.clocks_show(board_noon + 1h, board_start + 5s, 30s).has_value());
    CHECK_FALSE(board.clocks_show(board_noon + 1h + 5s, board_start + 10s, 30s).has_value());
    CHECK(board.clock_set() == clock_step{.from = board_noon + 5s, .to = board_noon + 1h});
}
