// SPDX-License-Identifier: Apache-2.0
#include "io/process/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

extern "C" {
#include <sys/pidfd.h> // glibc 2.36 forgot to say that its functions are C's
}

namespace felhom::io {

namespace {

using clock = std::chrono::steady_clock;

class descriptor {
public:
    descriptor() = default;
    explicit descriptor(int number) : number_{number} {}
    descriptor(descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
    auto operator=(descriptor&& other) noexcept -> descriptor&
    {
        std::swap(number_, other.number_);
        return *this;
    }
    descriptor(const descriptor&) = delete;
    auto operator=(const descriptor&) -> descriptor& = delete;
    ~descriptor() { close(); }

    [[nodiscard]] auto number() const -> int { return number_; }
    [[nodiscard]] auto is_open() const -> bool { return number_ >= 0; }

    void close()
    {
        if (is_open()) {
            static_cast<void>(::close(std::exchange(number_, -1)));
        }
    }

private:
    int number_ = -1;
};

/// One of a program's output streams.
struct output {
    descriptor to_read;
    descriptor to_write;
    std::string text;
};

auto reason(int code) -> std::string
{
    return std::generic_category().message(code);
}

auto open_pipe(output& stream) -> bool
{
    auto ends = std::array<int, 2>{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        return false;
    }
    stream.to_read = descriptor{ends[0]};
    stream.to_write = descriptor{ends[1]};
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): POSIX has no other way
    return fcntl(stream.to_read.number(), F_SETFL, O_NONBLOCK) == 0;
}

/// Starts the program as the leader of its own process group; an errno if that fails, execve's included.
auto spawn(const std::vector<std::string>& argv, const output& out, const output& err) -> tl::expected<pid_t, int>
{
    auto arguments = std::vector<char*>{};
    for (const auto& argument : argv) {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): posix_spawn changes none of them (execve's rationale)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    auto path = std::string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    auto locale = std::string{"LC_ALL=C.UTF-8"};
    auto home = std::string{"HOME=/root"};
    auto environment = std::array<char*, 4>{path.data(), locale.data(), home.data(), nullptr};

    auto actions = posix_spawn_file_actions_t{};
    auto attributes = posix_spawnattr_t{};
    auto all_signals = sigset_t{};
    auto no_signals = sigset_t{};
    sigfillset(&all_signals);
    sigemptyset(&no_signals);
    static constexpr auto flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    auto status = 0;
    const auto step = [&](int result) { status = status != 0 ? status : result; };
    step(posix_spawn_file_actions_init(&actions));
    step(posix_spawnattr_init(&attributes));
    step(posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
    step(posix_spawn_file_actions_adddup2(&actions, out.to_write.number(), STDOUT_FILENO));
    step(posix_spawn_file_actions_adddup2(&actions, err.to_write.number(), STDERR_FILENO));
    step(posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1));
    step(posix_spawn_file_actions_addchdir_np(&actions, "/"));
    step(posix_spawnattr_setpgroup(&attributes, 0));
    step(posix_spawnattr_setsigmask(&attributes, &no_signals));
    step(posix_spawnattr_setsigdefault(&attributes, &all_signals));
    step(posix_spawnattr_setflags(&attributes, static_cast<short>(flags)));
    auto child = pid_t{};
    if (status == 0) {
        step(posix_spawn(&child, argv.front().c_str(), &actions, &attributes, arguments.data(), environment.data()));
    }
    static_cast<void>(posix_spawn_file_actions_destroy(&actions));
    static_cast<void>(posix_spawnattr_destroy(&attributes));
    if (status != 0) {
        return tl::unexpected(status);
    }
    return child;
}

/// Takes what is there without waiting; closes the stream at its end.
void drain(output& stream, std::size_t most)
{
    auto chunk = std::array<char, 16384>{};
    while (stream.to_read.is_open() && stream.text.size() <= most) {
        const auto got = ::read(stream.to_read.number(), chunk.data(), chunk.size());
        if (got > 0) {
            stream.text.append(chunk.data(), static_cast<std::size_t>(got));
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            stream.to_read.close();
        } else if (errno == EAGAIN) {
            return;
        }
    }
}

enum class ending : std::uint8_t { by_itself, too_late, too_much };

/// Reads along until the program ends or meets a limit. A child of it that keeps the streams open is not waited for.
auto follow(const descriptor& program, output& out, output& err, const process_limits& limits) -> ending
{
    const auto deadline = clock::now() + limits.time;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
        if (left <= 0) {
            return ending::too_late;
        }
        const auto readable = [](const descriptor& each) {
            return pollfd{.fd = each.number(), .events = POLLIN, .revents = 0};
        };
        auto watched = std::array{readable(out.to_read), readable(err.to_read), readable(program)};
        static_cast<void>(
            ::poll(watched.data(), watched.size(), static_cast<int>(std::min(left, decltype(left){60'000}))));
        drain(out, limits.output_bytes);
        drain(err, limits.output_bytes);
        if (out.text.size() + err.text.size() > limits.output_bytes) {
            return ending::too_much;
        }
        if (watched.back().revents != 0) {
            drain(out, limits.output_bytes); // what it wrote between the last look and its end
            drain(err, limits.output_bytes);
            return out.text.size() + err.text.size() > limits.output_bytes ? ending::too_much : ending::by_itself;
        }
    }
}

/// The end of the leader, waited for after its group was killed: until then its number cannot be another's.
auto reap(pid_t program) -> siginfo_t
{
    auto ended = siginfo_t{};
    while (waitid(P_PID, static_cast<id_t>(program), &ended, WEXITED) != 0 && errno == EINTR) {
    }
    return ended;
}

} // namespace

auto run_program(const std::vector<std::string>& argv, const process_limits& limits)
    -> tl::expected<host_tools::finished, host_tools::error>
{
    const auto program = argv.empty() ? std::string{} : argv.front();
    const auto not_started = [&](std::string why) -> tl::expected<host_tools::finished, host_tools::error> {
        return tl::unexpected<host_tools::error>{
            host_tools::cannot_start{.program = program, .reason = std::move(why)}};
    };
    if (!program.starts_with('/')) {
        return not_started("its path is not absolute");
    }
    for (const auto& argument : argv) {
        if (argument.find('\0') != std::string::npos) {
            return not_started("an argument holds a NUL");
        }
    }
    auto out = output{};
    auto err = output{};
    if (!open_pipe(out) || !open_pipe(err)) {
        return not_started(reason(errno));
    }
    const auto child = spawn(argv, out, err);
    if (!child) {
        return not_started(reason(child.error()));
    }
    out.to_write.close();
    err.to_write.close();
    const auto watch = descriptor{pidfd_open(*child, 0)};
    const auto watch_failed = watch.is_open() ? 0 : errno;
    const auto how = watch.is_open() ? follow(watch, out, err, limits) : ending::too_late;
    if (how != ending::by_itself) {
        static_cast<void>(::kill(-*child, SIGKILL));
    }
    const auto ended = reap(*child);
    if (!watch.is_open()) {
        return not_started("it could not be watched: " + reason(watch_failed));
    }
    switch (how) {
    case ending::too_late:
        return tl::unexpected<host_tools::error>{host_tools::timed_out{.program = program, .after = limits.time}};
    case ending::too_much:
        return tl::unexpected<host_tools::error>{
            host_tools::too_much_output{.program = program, .limit = limits.output_bytes}};
    case ending::by_itself:
        break;
    }
    if (ended.si_code != CLD_EXITED) {
        return tl::unexpected<host_tools::error>{host_tools::killed{.program = program, .signal = ended.si_status}};
    }
    return host_tools::finished{.exit_code = ended.si_status, .out = std::move(out.text), .err = std::move(err.text)};
}

auto root_runner(process_limits limits) -> host_tools::run
{
    return [limits](const host_tools::command& made) { return run_program(made.argv(), limits); };
}

} // namespace felhom::io
