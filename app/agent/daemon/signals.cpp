// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/signals.hpp"

#include <pthread.h>
#include <signal.h> // NOLINT(modernize-deprecated-headers): POSIX's masks

#include <utility>

namespace felhom::agent {

namespace {

constexpr auto wake_up = SIGUSR1; // of our own, for the end of the listener

[[nodiscard]] auto heard_signals() -> ::sigset_t
{
    auto set = ::sigset_t{};
    ::sigemptyset(&set);
    for (const auto number : {SIGTERM, SIGINT, SIGHUP, wake_up}) {
        ::sigaddset(&set, number);
    }
    return set;
}

/// Whether the end comes in time; what else is asked meanwhile counts no more.
[[nodiscard]] auto is_over_within(const ::sigset_t& set, std::chrono::milliseconds patience) -> bool
{
    using clock = std::chrono::steady_clock;
    for (const auto give_up = clock::now() + patience; clock::now() < give_up;) {
        const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(give_up - clock::now());
        const auto whole = std::chrono::duration_cast<std::chrono::seconds>(left);
        const auto pause = ::timespec{.tv_sec = whole.count(), .tv_nsec = (left - whole).count()};
        if (::sigtimedwait(&set, nullptr, &pause) == wake_up) {
            return true;
        }
    }
    return false;
}

} // namespace

signals::signals(std::chrono::milliseconds patience, std::function<void()> when_late)
    : patience_{patience}, when_late_{std::move(when_late)}
{
    const auto set = heard_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    listener_ = std::thread{[this] { listen(); }};
}

signals::~signals()
{
    ::pthread_kill(listener_.native_handle(), wake_up);
    listener_.join();
}

void signals::listen()
{
    const auto set = heard_signals();
    for (auto number = 0; ::sigwait(&set, &number) == 0 && number != wake_up;) {
        hear(number);
        if (is_ending()) {
            break;
        }
    }
    if (is_ending() && !is_over_within(set, patience_)) {
        when_late_();
    }
}

void signals::hear(int number)
{
    const auto telling = std::lock_guard{telling_};
    auto is_first = false;
    {
        const auto hold = std::lock_guard{mutex_};
        if (number == SIGHUP) {
            reload_ = true;
        } else {
            is_first = !std::exchange(ending_, true);
        }
    }
    changed_.notify_all();
    if (is_first && on_end_) {
        on_end_();
    }
}

void signals::when_ending(std::function<void()> what)
{
    const auto telling = std::lock_guard{telling_};
    on_end_ = std::move(what);
    if (on_end_ && is_ending()) {
        on_end_();
    }
}

void signals::wait_for(std::chrono::milliseconds pause)
{
    auto hold = std::unique_lock{mutex_};
    changed_.wait_for(hold, pause, [this] { return ending_ || reload_ || woken_; });
    woken_ = false;
}

void signals::wake()
{
    {
        const auto hold = std::lock_guard{mutex_};
        woken_ = true;
    }
    changed_.notify_all();
}

auto signals::is_ending() const -> bool
{
    const auto hold = std::lock_guard{mutex_};
    return ending_;
}

auto signals::take_reload() -> bool
{
    const auto hold = std::lock_guard{mutex_};
    return std::exchange(reload_, false);
}

} // namespace felhom::agent
