// SPDX-License-Identifier: Apache-2.0
#include "reconcile/builders.hpp"
#include "support/catch.hpp"

#include <felhom/present/progress_text.hpp>

#include <chrono>
#include <vector>

using namespace felhom;
using namespace felhom::testing;
using namespace std::chrono_literals;
using present::progress_lines;
using present::running_operation;

namespace {

constexpr auto begun = instant{std::chrono::hours{24}};

auto start_of_103() -> std::vector<running_operation>
{
    return {{.id = 5, .guest = id_of(103), .op = "guest.start", .started = begun}};
}

} // namespace

TEST_CASE("without a terminal an operation is told when it begins, every ten seconds, and when it ends")
{
    auto lines = progress_lines{/*on_terminal=*/false};
    CHECK(lines.look({}, begun).empty());
    CHECK(lines.look(start_of_103(), begun + 1s) == "guest 103: guest.start (operation 5) begins\n");
    CHECK(lines.look(start_of_103(), begun + 9s).empty());
    CHECK(lines.look(start_of_103(), begun + 10s) == "guest 103: guest.start (operation 5), 10 s\n");
    CHECK(lines.look(start_of_103(), begun + 19s).empty());
    CHECK(lines.look(start_of_103(), begun + 31s) == "guest 103: guest.start (operation 5), 31 s\n");
    CHECK(lines.look({}, begun + 33s) == "guest 103: guest.start (operation 5) ended after 33 s\n");
    CHECK(lines.end(begun + 34s).empty());
}

TEST_CASE("what was under way before is what a command waits for")
{
    auto lines = progress_lines{/*on_terminal=*/false};
    CHECK(lines.look(start_of_103(), begun + 41s) == "waiting for guest 103: guest.start (operation 5), 41 s\n");
}

TEST_CASE("on a terminal each guest has a line that is drawn anew, and none is left at the end")
{
    auto lines = progress_lines{/*on_terminal=*/true};
    CHECK(lines.look(start_of_103(), begun + 1s) == "guest 103: guest.start (operation 5), 1 s\n");
    CHECK(lines.look(start_of_103(), begun + 2s) == "\x1b[1F\x1b[Jguest 103: guest.start (operation 5), 2 s\n");
    CHECK(lines.end(begun + 3s) == "\x1b[1F\x1b[J");
    CHECK(lines.look({}, begun + 4s).empty());
}

TEST_CASE("a clock that was set back shows no negative time")
{
    auto lines = progress_lines{/*on_terminal=*/true};
    CHECK(lines.look(start_of_103(), begun - 1h) == "guest 103: guest.start (operation 5), 0 s\n");
}

TEST_CASE("whoever interrupts is told what goes on, and as which operation")
{
    CHECK(present::left_text(start_of_103(), /*daemon=*/false)
          == "\ninterrupted; guest 103: guest.start (operation 5) goes on; the next command takes it up: see "
             "`felhom-agent ops show 5`\n");
    CHECK(present::left_text({}, /*daemon=*/true)
          == "\ninterrupted; the running agent carries the command out all the same\n");
}
