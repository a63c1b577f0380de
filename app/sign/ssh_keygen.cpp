// SPDX-License-Identifier: Apache-2.0
#include "sign/ssh_keygen.hpp"

#include <felhom/authz/sshsig/signed_bytes.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace felhom::sign {

namespace {

/// A file descriptor that is closed when it dies.
class descriptor {
public:
    explicit descriptor(int fd) : fd_{fd} {}
    descriptor(const descriptor&) = delete;
    auto operator=(const descriptor&) -> descriptor& = delete;
    descriptor(descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    auto operator=(descriptor&& other) noexcept -> descriptor&
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~descriptor() { reset(); }

    [[nodiscard]] auto get() const -> int { return fd_; }

    void reset()
    {
        if (fd_ >= 0) {
            ::close(fd_);
        }
        fd_ = -1;
    }

private:
    int fd_;
};

auto failure(std::string what, int code) -> tl::unexpected<std::string>
{
    return tl::unexpected(std::move(what) + ": " + std::generic_category().message(code));
}

/// The message as a file without a name: ssh-keygen reads it to its end and nobody waits for a pipe to drain.
auto readable(std::string_view message) -> tl::expected<descriptor, std::string>
{
    auto file = descriptor{::memfd_create("message", MFD_CLOEXEC)};
    while (file.get() >= 0 && !message.empty()) {
        const auto written = ::write(file.get(), message.data(), message.size());
        if (written < 0) {
            return failure("cannot hold the message", errno);
        }
        message.remove_prefix(static_cast<std::size_t>(written));
    }
    if (file.get() < 0 || ::lseek(file.get(), 0, SEEK_SET) != 0) {
        return failure("cannot hold the message", errno);
    }
    return file;
}

auto start(std::vector<std::string> arguments, int input, int output) -> tl::expected<pid_t, std::string>
{
    auto pointers = std::vector<char*>{};
    for (auto& argument : arguments) {
        pointers.push_back(argument.data());
    }
    pointers.push_back(nullptr);
    auto actions = posix_spawn_file_actions_t{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    auto child = pid_t{};
    const auto code = ::posix_spawnp(&child, pointers.front(), &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0) {
        return failure("cannot run ssh-keygen", code);
    }
    return child;
}

auto read_all(int fd) -> std::string
{
    auto all = std::string{};
    auto buffer = std::array<char, 4096>{};
    for (;;) {
        const auto size = ::read(fd, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            return all;
        }
        all.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

auto succeeded(pid_t child) -> bool
{
    auto status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return false;
        }
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

auto ssh_keygen_sign(const std::string& key_file, authz::message_hash hash, std::string_view message)
    -> tl::expected<std::string, std::string>
{
    const auto input = readable(message);
    if (!input) {
        return tl::unexpected(input.error());
    }
    auto ends = std::array<int, 2>{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return failure("cannot make a pipe", errno);
    }
    const auto from_child = descriptor{ends[0]};
    auto to_us = descriptor{ends[1]};
    const auto child = start({"ssh-keygen", "-Y", "sign", "-q", "-n", std::string{authz::operation_namespace}, "-O",
                              "hashalg=" + std::string{name(hash)}, "-f", key_file},
                             input->get(), to_us.get());
    to_us.reset();
    if (!child) {
        return tl::unexpected(child.error());
    }
    auto armor = read_all(from_child.get());
    if (!succeeded(*child)) {
        return tl::unexpected(std::string{"ssh-keygen did not sign"});
    }
    return armor;
}

} // namespace felhom::sign
