// SPDX-License-Identifier: Apache-2.0
#include "io/log/logger.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <string>
#include <type_traits>
#include <vector>

using felhom::instant;
using felhom::log_level;
using felhom::io::log_field;
using felhom::io::log_line;
using felhom::io::log_style;
using felhom::io::logger;

namespace {

auto noon() -> instant
{
    return instant{std::chrono::seconds{1'709'208'000}}; // 2024-02-29T12:00:00Z
}

auto journal_line(std::string_view value) -> std::string
{
    return log_line(log_style::journal, noon(), log_level::info, "m", {{"k", value}});
}

} // namespace

static_assert(!std::is_constructible_v<log_field, std::string_view, felhom::secret>);
static_assert(!std::is_constructible_v<log_field, std::string_view, const felhom::secret&>);
static_assert(std::is_constructible_v<log_field, std::string_view, std::string>);

TEST_CASE("a plain line carries the time, the level, the message and the fields in their order")
{
    CHECK(log_line(log_style::plain, noon(), log_level::warning, "guest is locked",
                   {{"vmid", 101}, {"lock", "backup"}, {"held", true}})
          == "time=2024-02-29T12:00:00Z level=warning msg=\"guest is locked\" vmid=101 lock=backup held=true");
}

TEST_CASE("a line for the journal begins with the priority of its level, and leaves the time to journald")
{
    const auto begins = [](log_level level) { return log_line(log_style::journal, noon(), level, "x", {}); };
    CHECK(begins(log_level::error) == "<3>msg=x");
    CHECK(begins(log_level::warning) == "<4>msg=x");
    CHECK(begins(log_level::notice) == "<5>msg=x");
    CHECK(begins(log_level::info) == "<6>msg=x");
    CHECK(begins(log_level::debug) == "<7>msg=x");
}

TEST_CASE("no value can break its line or pose as another field")
{
    CHECK(journal_line("one\n<3>msg=two") == R"(<6>msg=m k="one\n<3>msg=two")");
    CHECK(journal_line("a b=c") == R"(<6>msg=m k="a b=c")");
    CHECK(journal_line(R"(" x=")") == R"(<6>msg=m k="\" x=\"")");
    CHECK(journal_line(R"(\)") == R"(<6>msg=m k="\\")");
    CHECK(journal_line(std::string{'\0', '\r', '\x1b', '\x7f'}) == R"(<6>msg=m k="\x00\x0d\x1b\x7f")");
    CHECK(journal_line("") == R"(<6>msg=m k="")");
}

TEST_CASE("letters beyond ASCII stay readable, control characters beyond ASCII do not stay")
{
    CHECK(journal_line("tűz") == "<6>msg=m k=\"tűz\"");
    CHECK(journal_line("\xc2\x9b"
                       "31m")
          == "<6>msg=m k=\"\xc2\\x9b"
             "31m\"");
}

TEST_CASE("what is less urgent than the level of the flag is not written")
{
    auto lines = std::vector<std::string>{};
    const auto log =
        logger{log_level::notice, log_style::journal, noon, [&](std::string_view line) { lines.emplace_back(line); }};
    log.error("a");
    log.warning("b");
    log.notice("c", {{"n", 1}});
    log.info("d");
    log.debug("e");
    CHECK(lines == std::vector<std::string>{"<3>msg=a\n", "<4>msg=b\n", "<5>msg=c n=1\n"});
}
