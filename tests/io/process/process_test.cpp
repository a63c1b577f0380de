// SPDX-License-Identifier: Apache-2.0
#include "io/process/process.hpp"
#include "support/catch.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

using namespace std::chrono_literals;
using namespace felhom;
using io::run_program;
using outcome = tl::expected<host_tools::finished, host_tools::error>;

namespace {

auto failure(host_tools::error error) -> outcome
{
    return tl::unexpected(std::move(error));
}

} // namespace

TEST_CASE("a program's arguments reach it as they are, and its output comes back")
{
    CHECK(run_program({"/bin/echo", "a b", "$HOME", "*", ";", "`id`", ""}, {})
          == host_tools::finished{.exit_code = 0, .out = "a b $HOME * ; `id` \n", .err = ""});
}

TEST_CASE("an exit code is no error, and both streams are kept apart")
{
    CHECK(run_program({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"}, {})
          == host_tools::finished{.exit_code = 3, .out = "out\n", .err = "err\n"});
}

TEST_CASE("a program gets a fixed environment, the root directory, and nothing to read")
{
    setenv("FELHOM_TOKEN", "must not be inherited", 1);
    CHECK(run_program({"/usr/bin/env"}, {})
          == host_tools::finished{
              .exit_code = 0, .out = "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C.UTF-8\nHOME=/root\n", .err = ""});
    unsetenv("FELHOM_TOKEN");
    CHECK(run_program({"/bin/pwd"}, {}) == host_tools::finished{.exit_code = 0, .out = "/\n", .err = ""});
    CHECK(run_program({"/bin/cat"}, {}) == host_tools::finished{.exit_code = 0, .out = "", .err = ""});
}

TEST_CASE("a program inherits no descriptor, not even one that was left open to it")
{
    const auto leaked = ::dup2(STDOUT_FILENO, 77); // without O_CLOEXEC
    REQUIRE(leaked == 77);
    CHECK(run_program({"/bin/sh", "-c", "ls -d /proc/$$/fd/2 /proc/$$/fd/77 2>&- | sed 's/.*fd/fd/'"}, {})
          == host_tools::finished{.exit_code = 0, .out = "fd/2\n", .err = ""});
    ::close(leaked);
}

TEST_CASE("a program that takes too long is killed with its children")
{
    const auto start = std::chrono::steady_clock::now();
    const auto marker = "31.4159" + std::to_string(getpid());
    CHECK(run_program({"/bin/sh", "-c", "sleep " + marker + " & sleep " + marker}, {.time = 200ms})
          == failure(host_tools::timed_out{.program = "/bin/sh", .after = 200ms}));
    CHECK(std::chrono::steady_clock::now() - start < 3s);
    // A killed process is gone when the scheduler has run it once more.
    const auto is_left = [&] {
        const auto processes = run_program({"/bin/sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"}, {});
        REQUIRE(processes.has_value());
        return processes->out.find("sleep " + marker) != std::string::npos;
    };
    while (is_left() && std::chrono::steady_clock::now() - start < 20s) {
        std::this_thread::sleep_for(20ms);
    }
    CHECK_FALSE(is_left());
}

TEST_CASE("a program that writes without end is killed at the limit")
{
    CHECK(run_program({"/usr/bin/yes"}, {.time = 10s, .output_bytes = 100'000})
          == failure(host_tools::too_much_output{.program = "/usr/bin/yes", .limit = 100'000}));
}

TEST_CASE("much output within the limit comes back whole")
{
    const auto ended = run_program({"/usr/bin/head", "-c", "3000000", "/dev/zero"}, {});
    REQUIRE(ended.has_value());
    CHECK(ended->out == std::string(3'000'000, '\0'));
}

TEST_CASE("a child that outlives its parent with the streams open is not waited for")
{
    const auto start = std::chrono::steady_clock::now();
    CHECK(run_program({"/bin/sh", "-c", "sleep 3 & echo done"}, {})
          == host_tools::finished{.exit_code = 0, .out = "done\n", .err = ""});
    CHECK(std::chrono::steady_clock::now() - start < 2s);
}

TEST_CASE("a program that ends by a signal did not finish")
{
    CHECK(run_program({"/bin/sh", "-c", "kill -9 $$"}, {})
          == failure(host_tools::killed{.program = "/bin/sh", .signal = SIGKILL}));
}

TEST_CASE("a signal that this process ignores or blocks is the program's to get")
{
    auto blocked = sigset_t{};
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    auto before = sigset_t{};
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    CHECK(run_program({"/bin/sh", "-c", "kill -TERM $$; echo survived"}, {})
          == failure(host_tools::killed{.program = "/bin/sh", .signal = SIGTERM}));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_CASE("a program that does not exist, may not be run or is not named absolutely is not started")
{
    const auto not_started = [](const char* program, const char* reason) {
        return failure(host_tools::cannot_start{.program = program, .reason = reason});
    };
    CHECK(run_program({"/nonexistent"}, {}) == not_started("/nonexistent", "No such file or directory"));
    CHECK(run_program({"/etc/passwd"}, {}) == not_started("/etc/passwd", "Permission denied"));
    CHECK(run_program({"echo", "x"}, {}) == not_started("echo", "its path is not absolute"));
    CHECK(run_program({}, {}) == not_started("", "its path is not absolute"));
    CHECK(run_program({"/bin/echo", std::string{"a\0b", 3}}, {})
          == not_started("/bin/echo", "an argument holds a NUL"));
}
