// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/hub/hub_duties.hpp"

#include <felhom/hub/report_loop.hpp>
#include <felhom/hub/talk.hpp>
#include <felhom/local_api/report_answer.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace felhom::agent {

/// Is told what came of a report that a person asked for; once, in any thread.
using report_asker = std::function<void(local_api::report_answer)>;

/// Talks to the hub in a thread of its own until it is destroyed: sends reports, keeps the envelope, fetches the
/// desired state and signed operations, and brings back what came of them. It changes nothing on the node itself.
class hub_link {
public:
    /// Goes on with the reports that another link had not sent.
    hub_link(hub_duties duties, hub::report_buffer kept);
    hub_link(const hub_link&) = delete;
    hub_link(hub_link&&) = delete;
    auto operator=(const hub_link&) -> hub_link& = delete;
    auto operator=(hub_link&&) -> hub_link& = delete;
    ~hub_link();

    /// Something has happened that the hub should hear of now.
    void trigger();

    /// A person asks for a report, and for it to be sent at once.
    void ask(bool to_send, report_asker asker);

    /// Ends the talk, and gives back what it was begun with, and the reports that were not sent.
    [[nodiscard]] auto leave() -> std::pair<hub_duties, hub::report_buffer>;

private:
    void stop();
    void run();
    void make_report();
    void serve_askers();
    void tell_askers(const local_api::report_answer& answer);
    void send(hub::unsent_report report);
    void report_ended(const hub::tell_report_end& end);
    void wait_until(const std::optional<hub::uptime>& time);
    [[nodiscard]] auto is_stopping() const -> bool;

    hub_duties duties_;
    hub::report_loop loop_;
    hub::talk_memory memory_;
    bool was_reached_ = true; ///< so that an outage is one line in the log, and its end another

    std::vector<report_asker> askers_; ///< who wait for the next report to be sent

    mutable std::mutex mutex_; ///< over the next six
    std::condition_variable changed_;
    bool stopping_ = false;
    bool ended_ = false; ///< the thread
    bool triggered_ = false;
    std::vector<report_asker> to_show_; ///< who ask for a report
    std::vector<report_asker> to_send_; ///< and for it to be sent

    std::thread thread_; ///< the last member: it uses the others
};

} // namespace felhom::agent
