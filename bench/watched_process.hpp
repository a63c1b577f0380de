// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::bench {

/// What the threads of a process did until now.
struct activity {
    struct switches {
        double voluntary = 0;
        double involuntary = 0;
    };

    std::chrono::steady_clock::time_point at;
    double cpu_seconds = 0;
    std::map<std::string, switches> by_thread;
};

/// The number behind a name in one of the files of /proc; 0 where there is none.
[[nodiscard]] inline auto field_of(const std::filesystem::path& path, std::string_view name) -> double
{
    auto in = std::ifstream{path};
    for (auto line = std::string{}; std::getline(in, line);) {
        if (line.starts_with(name)) {
            return std::strtod(line.c_str() + name.size(), nullptr);
        }
    }
    return 0;
}

/// A program that runs beside this one, with what it says and what it costs. It is killed at the latest at the end.
class watched_process {
public:
    /// With nothing but this in its environment. Its standard input is open, and nothing comes.
    explicit watched_process(std::vector<std::string> words, std::vector<std::string> environment = {})
        : began_{std::chrono::steady_clock::now()}
    {
        auto input = std::array<int, 2>{};
        auto output = std::array<int, 2>{};
        if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0) {
            throw std::runtime_error{"there is no pipe"};
        }
        input_ = input[1];
        output_ = output[0];
        auto actions = ::posix_spawn_file_actions_t{};
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions, output[1], STDERR_FILENO);
        const auto failed = ::posix_spawn(&pid_, words.front().c_str(), &actions, nullptr, pointers_to(words).data(),
                                          pointers_to(environment).data());
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(input[0]);
        ::close(output[1]);
        if (failed != 0) {
            close_pipes();
            throw std::runtime_error{words.front() + " does not start"};
        }
    }
    watched_process(const watched_process&) = delete;
    watched_process(watched_process&&) = delete;
    auto operator=(const watched_process&) -> watched_process& = delete;
    auto operator=(watched_process&&) -> watched_process& = delete;
    ~watched_process()
    {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        close_pipes();
    }

    /// Waits until it says this, after what was waited for before. Throws with all that it said if it does not.
    void await(std::string_view text, std::chrono::seconds limit = std::chrono::seconds{60})
    {
        const auto give_up = std::chrono::steady_clock::now() + limit;
        auto found = std::string::npos;
        while ((found = said_.find(text, heard_)) == std::string::npos) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(give_up - std::chrono::steady_clock::now());
            auto some = std::array<char, 4096>{};
            auto ready = ::pollfd{.fd = output_, .events = POLLIN, .revents = 0};
            const auto size = left.count() > 0 && ::poll(&ready, 1, static_cast<int>(left.count())) == 1
                                  ? ::read(output_, some.data(), some.size())
                                  : 0;
            if (size <= 0) {
                throw std::runtime_error{"it never said '" + std::string{text} + "' but: " + said_};
            }
            said_.append(some.data(), static_cast<std::size_t>(size));
        }
        heard_ = found + text.size();
    }

    /// Waits until it has ended by itself. Answers its exit status.
    [[nodiscard]] auto wait() -> int
    {
        auto status = 0;
        ::waitpid(std::exchange(pid_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    /// Asks it to end, and waits.
    [[nodiscard]] auto end() -> int
    {
        ::kill(pid_, SIGTERM);
        return wait();
    }

    /// Since just before it was started.
    [[nodiscard]] auto wall_seconds() const -> double
    {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    }

    /// Of all its threads, to the nanosecond: /proc counts in hundredths of a second.
    [[nodiscard]] auto cpu_seconds() const -> double
    {
        auto clock = ::clockid_t{};
        auto time = ::timespec{};
        if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
            throw std::runtime_error{"the process is gone"};
        }
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    }

    /// A field of /proc/PID/FILE, such as VmRSS of status.
    [[nodiscard]] auto field(const char* file, std::string_view name) const -> double
    {
        return field_of(directory() / file, name);
    }

    [[nodiscard]] auto activity_until_now() const -> activity
    {
        auto seen = activity{.at = std::chrono::steady_clock::now(), .cpu_seconds = cpu_seconds(), .by_thread = {}};
        for (const auto& thread : std::filesystem::directory_iterator{directory() / "task"}) {
            const auto status = thread.path() / "status";
            seen.by_thread[thread.path().filename()] = {
                .voluntary = field_of(status, "voluntary_ctxt_switches:"),
                .involuntary = field_of(status, "nonvoluntary_ctxt_switches:"),
            };
        }
        return seen;
    }

private:
    [[nodiscard]] static auto pointers_to(std::vector<std::string>& texts) -> std::vector<char*>
    {
        auto pointers = std::vector<char*>{};
        for (auto& text : texts) {
            pointers.push_back(text.data());
        }
        pointers.push_back(nullptr);
        return pointers;
    }

    [[nodiscard]] auto directory() const -> std::filesystem::path
    {
        return std::filesystem::path{"/proc"} / std::to_string(pid_);
    }

    void close_pipes() const
    {
        ::close(input_);
        ::close(output_);
    }

    std::chrono::steady_clock::time_point began_;
    ::pid_t pid_ = -1;
    int input_ = -1;
    int output_ = -1;
    std::string said_;
    std::size_t heard_ = 0;
};

} // namespace felhom::bench
