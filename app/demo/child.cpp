// SPDX-License-Identifier: Apache-2.0
#include "demo/child.hpp"

#include <fcntl.h>
#include <signal.h> // NOLINT(modernize-deprecated-headers,hicpp-deprecated-headers): POSIX's kill
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace felhom::demo {

namespace {

/// The variables of this process that do not configure an agent.
[[nodiscard]] auto neutral_environment() -> std::vector<char*>
{
    auto kept = std::vector<char*>{};
    for (auto** entry = environ; *entry != nullptr; ++entry) { // NOLINT(*-pointer-arithmetic): POSIX's list
        if (!std::string_view{*entry}.starts_with("FELHOM_AGENT_")) {
            kept.push_back(*entry);
        }
    }
    kept.push_back(nullptr);
    return kept;
}

} // namespace

child::child(const std::vector<std::string>& argv, bool silent)
{
    auto words = argv;
    auto pointers = std::vector<char*>{};
    for (auto& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    auto environment = neutral_environment();
    auto actions = ::posix_spawn_file_actions_t{};
    ::posix_spawn_file_actions_init(&actions);
    // Asio opens its sockets without O_CLOEXEC: a listening one that is inherited keeps its port taken.
    ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    if (silent) {
        ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    }
    if (::posix_spawnp(&pid_, pointers.front(), &actions, nullptr, pointers.data(), environment.data()) != 0) {
        pid_ = -1;
    }
    ::posix_spawn_file_actions_destroy(&actions);
}

child::~child()
{
    kill();
    static_cast<void>(wait());
}

auto child::wait() -> int
{
    if (pid_ < 0) {
        return -1;
    }
    auto status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void child::kill() const
{
    tell(SIGKILL);
}

void child::tell(int signal) const
{
    if (pid_ > 0) {
        ::kill(pid_, signal);
    }
}

} // namespace felhom::demo
