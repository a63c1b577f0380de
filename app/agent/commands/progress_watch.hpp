// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/local_api/agent_status.hpp>

#include <functional>
#include <ostream>
#include <thread>
#include <vector>

namespace felhom::agent {

/// How somebody who waits is told of what goes on.
struct watch_rules {
    std::function<std::vector<local_api::operation_under_way>()> running = {}; ///< is asked from a thread of its own
    bool on_terminal = false;
    bool silent = false;    ///< tells only what goes on after an interrupt
    bool by_daemon = false; ///< another process is at work
};

/// While it lives, tells what is under way; an interrupt (SIGINT) ends the process, and says what goes on. One a
/// process.
class progress_watch {
public:
    progress_watch(watch_rules rules, std::ostream& to);
    progress_watch(const progress_watch&) = delete;
    progress_watch(progress_watch&&) = delete;
    auto operator=(const progress_watch&) -> progress_watch& = delete;
    auto operator=(progress_watch&&) -> progress_watch& = delete;
    ~progress_watch();

private:
    void watch();
    [[noreturn]] void leave();

    watch_rules rules_;
    std::ostream& to_;
    std::thread thread_; ///< the last member: it uses the others
};

} // namespace felhom::agent
