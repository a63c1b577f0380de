// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace felhom::testing {

/// A private directory of its own for a test, removed when it dies.
class scratch {
public:
    scratch()
    {
        auto name = std::string{"/tmp/felhom-test-XXXXXX"};
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error{"mkdtemp"};
        }
        path_ = name;
    }
    scratch(const scratch&) = delete;
    auto operator=(const scratch&) -> scratch& = delete;
    scratch(scratch&&) = delete;
    auto operator=(scratch&&) -> scratch& = delete;
    ~scratch()
    {
        auto ignored = std::error_code{};
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] auto path() const -> const std::string& { return path_; }

private:
    std::string path_;
};

/// Runs a step that answers with a text as a user who may nothing, in a private directory of that user: root may do
/// everything, and so would prove nothing about permissions. A process that is not root runs it as it is.
template <typename Step>
[[nodiscard]] auto unprivileged(Step step) -> std::string
{
    static constexpr auto nobody = uid_t{65534};
    const auto where = scratch{};
    if (::geteuid() != 0) {
        return step(where.path());
    }
    if (::chown(where.path().c_str(), nobody, nobody) != 0) {
        throw std::runtime_error{"chown"};
    }
    auto ends = std::array<int, 2>{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error{"pipe2"};
    }
    const auto child = ::fork();
    if (child < 0) {
        throw std::runtime_error{"fork"};
    }
    if (child == 0) {
        auto answer = std::string{"privileges were not dropped"};
        if (::setgroups(0, nullptr) == 0 && ::setgid(nobody) == 0 && ::setuid(nobody) == 0 && ::geteuid() == nobody) {
            try {
                answer = step(where.path());
            } catch (const std::exception& e) {
                answer = std::string{"threw "} + e.what();
            }
        }
        const auto put = ::write(ends[1], answer.data(), answer.size());
        ::_exit(put == static_cast<ssize_t>(answer.size()) ? 0 : 1);
    }
    ::close(ends[1]);
    auto answer = std::string{};
    auto part = std::array<char, 4096>{};
    for (auto got = ::read(ends[0], part.data(), part.size()); got > 0;
         got = ::read(ends[0], part.data(), part.size())) {
        answer.append(part.data(), static_cast<std::size_t>(got));
    }
    ::close(ends[0]);
    auto status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? answer : "the child did not end well";
}

} // namespace felhom::testing
