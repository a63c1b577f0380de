#pragma once

#include "program.hpp"
#include "support/catch.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace felhom::testing {

/// `felhom-agent run` as a service manager would start it.
class running_agent {
public:
    explicit running_agent(const installation& of) : of_{of}
    {
        auto environment = std::vector<std::string>{};
        for (const auto& [name, value] : of.settings) {
            environment.push_back(name + "=" + value);
        }
        auto words = std::vector<std::string>{FELHOM_AGENT, "run"};
        const auto pointers_to = [](std::vector<std::string>& texts) {
            auto pointers = std::vector<char*>{};
            for (auto& text : texts) {
                pointers.push_back(text.data());
            }
            pointers.push_back(nullptr);
            return pointers;
        };
        const auto log = of.files.path() + "/daemon.log";
        auto actions = ::posix_spawn_file_actions_t{};
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        // The servers of the test are in this process: one that is stopped would go on listening in the agent's.
        ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
        REQUIRE(::posix_spawn(&pid_, FELHOM_AGENT, &actions, nullptr, pointers_to(words).data(),
                              pointers_to(environment).data())
                == 0);
        ::posix_spawn_file_actions_destroy(&actions);
    }
    running_agent(const running_agent&) = delete;
    auto operator=(const running_agent&) -> running_agent& = delete;
    ~running_agent()
    {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }

    void tell(int signal) const { ::kill(pid_, signal); }

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

    [[nodiscard]] auto log() const -> std::string { return of_.files.read("daemon.log"); }

private:
    const installation& of_;
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

[[nodiscard]] inline auto effects(program& agent, sim::guest_id guest, const std::string& what) -> int
{
    auto times = 0;
    agent.server.with_node([&](sim::node& node) { times = node.effects_of(guest, what); });
    return times;
}

} // namespace felhom::testing
