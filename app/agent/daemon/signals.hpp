// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace felhom::agent {

/// What the operating system tells a daemon. Made before any other thread, so that all threads leave the signals to it:
/// SIGTERM and SIGINT ask it to end, SIGHUP to read its configuration anew.
class signals {
public:
    /// `when_late` is called, from another thread, when the end was asked for so long ago and has not come.
    signals(std::chrono::milliseconds patience, std::function<void()> when_late);
    signals(const signals&) = delete;
    signals(signals&&) = delete;
    auto operator=(const signals&) -> signals& = delete;
    auto operator=(signals&&) -> signals& = delete;
    ~signals();

    /// From now on this is called, from another thread, when the end is asked for; what was given before is not being
    /// called any more when this returns.
    void when_ending(std::function<void()> what);

    /// Waits so long, or until something is asked, or `wake` is called.
    void wait_for(std::chrono::milliseconds pause);

    /// Ends the wait, or the next one.
    void wake();

    [[nodiscard]] auto is_ending() const -> bool;

    /// Whether a new configuration was asked for since this was last called.
    [[nodiscard]] auto take_reload() -> bool;

private:
    void listen();
    void hear(int number);

    std::chrono::milliseconds patience_;
    std::function<void()> when_late_;
    std::mutex telling_; ///< over what is told; taken before the other
    std::function<void()> on_end_;
    mutable std::mutex mutex_; ///< over what was asked
    std::condition_variable changed_;
    bool ending_ = false;
    bool reload_ = false;
    bool woken_ = false;
    std::thread listener_; ///< the last member: it uses the others
};

} // namespace felhom::agent
