#include "output_verdict.hpp"
#include "program.hpp"
#include "support/catch.hpp"

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace felhom;
using namespace felhom::testing;

namespace {

/// Guests that bring about every kind of action and of difference that is left.
constexpr auto all_kinds = std::string_view{R"(
    {"vmid":101,"run_state":"stopped"},
    {"vmid":102,"spec":{"memory":1024},"config":{"tags":"a"}},
    {"vmid":103,"run_state":"running"},
    {"vmid":105,"spec":{"memory":512}},
    {"vmid":106,"config":{"protection":false}},
    {"vmid":108,"run_state":"running"})"};

/// What a command writes to a terminal.
auto on_a_terminal(const program& agent, const std::string& arguments) -> std::string
{
    auto line = std::string{"exec env -i"};
    for (const auto& [name, value] : agent.settings) {
        line += " '" + name + "=" + value + "'";
    }
    line += " " FELHOM_AGENT " " + arguments;
    auto terminal = -1;
    const auto child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    REQUIRE(child >= 0);
    if (child == 0) {
        ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
        ::_exit(127);
    }
    auto text = std::string{};
    auto part = std::array<char, 4096>{};
    for (auto got = ::read(terminal, part.data(), part.size()); got > 0;
         got = ::read(terminal, part.data(), part.size())) { // fails with EIO once the other side is closed
        text.append(part.data(), static_cast<std::size_t>(got));
    }
    ::close(terminal);
    auto status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return text;
}

auto has_colour(const std::string& text) -> bool
{
    return text.find("\x1b[") != std::string::npos;
}

} // namespace

TEST_CASE("each --json output is as its shipped JSON Schema says, which misses no member of it")
{
    auto agent = program{};
    agent.desire(all_kinds);
    CHECK(verdict(agent, "plan", "plan") == "");
    CHECK(verdict(agent, "apply", "apply") == "");
    CHECK(verdict(agent, "selftest", "selftest") == "");
    CHECK(verdict(agent, "selftest", "selftest task --vmid 104") == "");
    CHECK(verdict(agent, "config-show", "config show", "--any settings") == "");
    CHECK(verdict(agent, "config-check", "config check") == "");
    CHECK(verdict(agent, "doctor", "doctor") == "");
    agent.settings["FELHOM_AGENT_HUB_URL"] = "https://hub.example"; // and nothing else of the hub
    CHECK(verdict(agent, "config-check", "config check") == "");
}

TEST_CASE("a terminal gets colour, unless NO_COLOR or --no-color says otherwise")
{
    auto agent = program{};
    agent.desire(all_kinds);
    const auto coloured = on_a_terminal(agent, "plan");
    CHECK(coloured.find("memory") != std::string::npos);
    CHECK(has_colour(coloured));
    CHECK_FALSE(has_colour(on_a_terminal(agent, "--no-color plan")));
    CHECK_FALSE(has_colour(on_a_terminal(agent, "--json plan")));
    agent.settings["NO_COLOR"] = "";
    CHECK(has_colour(on_a_terminal(agent, "plan")));
    agent.settings["NO_COLOR"] = "1";
    CHECK_FALSE(has_colour(on_a_terminal(agent, "plan")));
}

TEST_CASE("what is no terminal gets no colour")
{
    auto agent = program{};
    agent.desire(all_kinds);
    CHECK_FALSE(has_colour(agent.run("plan").out));
}
