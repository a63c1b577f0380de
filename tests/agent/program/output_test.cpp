// SPDX-License-Identifier: Apache-2.0
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

/// What stands on a terminal after a command, and its exit status.
struct terminal_session {
    std::string text;
    int status;
};

/// A command at a terminal of that width, where somebody types.
auto at_a_terminal(const installation& agent, const std::string& arguments, const std::string& typed = {},
                   unsigned short columns = 0) -> terminal_session
{
    auto line = std::string{"exec env -i"};
    for (const auto& [name, value] : agent.settings) {
        line += " '" + name + "=" + value + "'";
    }
    line += " " FELHOM_AGENT " " + arguments;
    auto terminal = -1;
    auto size = ::winsize{};
    size.ws_col = columns;
    const auto child = ::forkpty(&terminal, nullptr, nullptr, &size);
    REQUIRE(child >= 0);
    if (child == 0) {
        ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
        ::_exit(127);
    }
    REQUIRE(::write(terminal, typed.data(), typed.size()) == static_cast<::ssize_t>(typed.size()));
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
    return {text, WEXITSTATUS(status)};
}

auto on_a_terminal(const program& agent, const std::string& arguments) -> std::string
{
    return at_a_terminal(agent, arguments).text;
}

auto effects_on(program& agent, sim::guest_id guest) -> int
{
    auto times = 0;
    agent.server.with_node([&](sim::node& node) {
        for (const auto& [what, often] : node.effects) {
            times += what.first == guest ? often : 0;
        }
    });
    return times;
}

constexpr auto stop_101 = std::string_view{R"({"vmid":101,"run_state":"stopped"})"};

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
    CHECK(verdict(agent, "apply", "apply --yes") == "");
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

TEST_CASE("apply at a terminal shows the plan, asks, and takes nothing but yes for consent")
{
    auto agent = program{};
    agent.desire(stop_101);
    const auto declined = at_a_terminal(agent, "apply", "y\n");
    CHECK(declined.status == 5);
    CHECK(declined.text.find("shut down") < declined.text.find("Apply 1 change? Only 'yes' is taken for consent: "));
    CHECK(declined.text.find("Nothing was changed.") != std::string::npos);
    CHECK(effects_on(agent, 101) == 0);
    const auto agreed = at_a_terminal(agent, "apply", "yes\n");
    INFO(agreed.text);
    CHECK(agreed.status == 0);
    CHECK(effects_on(agent, 101) == 1);
}

TEST_CASE("apply without a terminal needs --yes for whatever is more than live, and says so")
{
    auto agent = program{};
    agent.desire(stop_101);
    const auto refused = agent.run("apply");
    CHECK(refused.status == 5);
    CHECK(refused.out.find("shut down") != std::string::npos);
    CHECK(refused.err.find("`felhom-agent apply --yes`") != std::string::npos);
    CHECK(effects_on(agent, 101) == 0);
    CHECK(agent.run("apply --yes").status == 0);
    CHECK(effects_on(agent, 101) == 1);
}

TEST_CASE("plan cuts a value where the terminal ends, and not with --full")
{
    auto agent = program{};
    const auto longer = std::string(100, 'a');
    agent.desire(R"({"vmid":102,"config":{"tags":")" + longer + R"("}})");
    CHECK(at_a_terminal(agent, "plan", {}, 80).text.find(longer) == std::string::npos);
    CHECK(at_a_terminal(agent, "plan --full", {}, 80).text.find(longer) != std::string::npos);
    CHECK(agent.run("plan").out.find(longer) != std::string::npos);
}

TEST_CASE("plan shows the guests that are named, or one line, and its exit status is theirs")
{
    auto agent = program{};
    agent.desire(R"({"vmid":101,"run_state":"running"},{"vmid":102,"spec":{"memory":1024}})");
    CHECK(agent.run("plan 101").status == 0);
    const auto of_102 = agent.run("plan 102 101");
    CHECK(of_102.status == 2);
    CHECK(of_102.out.find("102 db") != std::string::npos);
    const auto summary = agent.run("plan --summary");
    CHECK(summary.status == 2);
    CHECK(summary.out == "Plan for pve1, generation 1 (file): 1 to change, 0 to start, 0 to stop\n");
    const auto other = agent.run("plan 103");
    CHECK(other.status == 1);
    CHECK(other.err.find("guest 103 is not in the desired state") != std::string::npos);
}
