// SPDX-License-Identifier: Apache-2.0
#include "agent/commands/progress_watch.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/present/progress_text.hpp>

#include <poll.h>
#include <signal.h> // NOLINT(modernize-deprecated-headers): POSIX's signals
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace felhom::agent {

namespace {

// A signal handler reaches nothing but what is global, and may do no more than write(2) to wake the watch.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables): a signal handler reaches nothing else
std::atomic<int> waker = -1;
std::atomic<bool> is_interrupted = false;
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

void wake()
{
    static constexpr auto one = std::uint64_t{1};
    [[maybe_unused]] const auto written = ::write(waker, &one, sizeof one); // fails only where it is awake already
}

void on_interrupt(int /*signal*/)
{
    is_interrupted = true;
    wake();
}

[[nodiscard]] auto now() -> instant
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

[[nodiscard]] auto running_in(const watch_rules& rules) -> std::vector<present::running_operation>
{
    auto all = std::vector<present::running_operation>{};
    for (const auto& one : rules.running()) {
        all.push_back({.id = number(one.id), .guest = one.guest, .op = one.op, .started = one.started});
    }
    return all;
}

void react_to_interrupt(void (*handler)(int))
{
    struct ::sigaction before = {};
    if (::sigaction(SIGINT, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) {
        return; // in the background of a script, as nohup(1) has it
    }
    struct ::sigaction what = {};
    what.sa_handler = handler;
    what.sa_flags = SA_RESTART;
    static_cast<void>(::sigaction(SIGINT, &what, nullptr));
}

} // namespace

progress_watch::progress_watch(watch_rules rules, std::ostream& to) : rules_{std::move(rules)}, to_{to}
{
    waker = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (waker < 0) {
        return; // what cannot be ended is not begun: the command is carried out untold
    }
    react_to_interrupt(on_interrupt);
    thread_ = std::thread{[this] { watch(); }};
}

progress_watch::~progress_watch()
{
    if (!thread_.joinable()) {
        return;
    }
    react_to_interrupt(SIG_DFL);
    const auto event = waker.load();
    wake();
    thread_.join();
    waker = -1;
    static_cast<void>(::close(event));
}

void progress_watch::watch()
{
    static constexpr auto between_looks = 500; // milliseconds
    auto lines = present::progress_lines{rules_.on_terminal};
    auto until = ::pollfd{.fd = waker, .events = POLLIN, .revents = 0};
    while (::poll(&until, 1, between_looks) <= 0) {
        if (!rules_.silent) {
            to_ << lines.look(running_in(rules_), now()) << std::flush;
        }
    }
    if (is_interrupted) {
        leave();
    }
    if (!rules_.silent) {
        to_ << lines.end(now()) << std::flush;
    }
}

void progress_watch::leave()
{
    const auto running = running_in(rules_);
    to_ << present::left_text(running, rules_.by_daemon) << std::flush;
    static constexpr auto interrupted = 128 + SIGINT; // as a shell has it
    std::_Exit(running.empty() && !rules_.by_daemon ? interrupted : static_cast<int>(exit_code::unknown));
}

} // namespace felhom::agent
