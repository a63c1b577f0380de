// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/catch.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace felhom::testing {

/// Where a program writes.
struct program_streams {
    std::string out = "/dev/null";
    std::string err = "/dev/null";
};

struct process_limits {
    ::rlim_t largest_file = RLIM_INFINITY; ///< bytes
};

/// A program that runs until it is told to end.
class running_program {
public:
    /// `words` is the program's path and its arguments.
    running_program(std::vector<std::string> words, std::vector<std::string> environment,
                    const program_streams& streams, process_limits most = {})
    {
        const auto pointers_to = [](std::vector<std::string>& texts) {
            auto pointers = std::vector<char*>{};
            for (auto& text : texts) {
                pointers.push_back(text.data());
            }
            pointers.push_back(nullptr);
            return pointers;
        };
        static constexpr auto how = O_WRONLY | O_CREAT | O_APPEND;
        auto actions = ::posix_spawn_file_actions_t{};
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, streams.out.c_str(), how, 0600);
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, streams.err.c_str(), how, 0600);
        // The servers of the test are in this process: one that is stopped would go on listening in the program's.
        ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
        set_limit(0, most.largest_file); // the child inherits ours
        const auto spawned = ::posix_spawn(&pid_, words.front().c_str(), &actions, nullptr, pointers_to(words).data(),
                                           pointers_to(environment).data());
        set_limit(0, RLIM_INFINITY);
        REQUIRE(spawned == 0);
        ::posix_spawn_file_actions_destroy(&actions);
    }
    running_program(const running_program&) = delete;
    auto operator=(const running_program&) -> running_program& = delete;
    ~running_program()
    {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }

    void tell(int signal) const { ::kill(pid_, signal); }

    /// From now on no file of its may grow beyond so many bytes.
    void limit_files(::rlim_t bytes) const { set_limit(pid_, bytes); }

    /// How it ended, and how long that took.
    [[nodiscard]] auto end_by(int signal) -> std::pair<int, std::chrono::milliseconds>
    {
        const auto asked = std::chrono::steady_clock::now();
        tell(signal);
        auto status = 0;
        ::waitpid(std::exchange(pid_, -1), &status, 0);
        const auto took = std::chrono::steady_clock::now() - asked;
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                std::chrono::duration_cast<std::chrono::milliseconds>(took)};
    }

private:
    static void set_limit(::pid_t of, ::rlim_t bytes)
    {
        const auto limit = ::rlimit{.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
        REQUIRE(::prlimit(of, RLIMIT_FSIZE, &limit, nullptr) == 0);
    }

    ::pid_t pid_ = -1;
};

/// Waits until it holds, for a generous while.
[[nodiscard]] inline auto comes_true(const std::function<bool()>& condition,
                                     std::chrono::seconds patience = std::chrono::seconds{30}) -> bool
{
    for (const auto give_up = std::chrono::steady_clock::now() + patience; std::chrono::steady_clock::now() < give_up;
         std::this_thread::sleep_for(std::chrono::milliseconds{20})) {
        if (condition()) {
            return true;
        }
    }
    return false;
}

} // namespace felhom::testing
