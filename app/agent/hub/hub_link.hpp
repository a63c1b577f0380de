#pragma once

#include "agent/engine/status_board.hpp"
#include "agent/setup/hub_files.hpp"
#include "io/files/drop_box.hpp"
#include "io/log/logger.hpp"

#include <felhom/core/host_id.hpp>
#include <felhom/core/instant.hpp>
#include <felhom/hub/envelope.hpp>
#include <felhom/hub/follow_up_pause.hpp>
#include <felhom/hub/host_report.hpp>
#include <felhom/hub/hub_call.hpp>
#include <felhom/hub/hub_error.hpp>
#include <felhom/hub/op_results.hpp>
#include <felhom/hub/report_loop.hpp>
#include <felhom/hub/taken_ops.hpp>
#include <felhom/local_api/report_answer.hpp>

#include <tl/expected.hpp>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace felhom::agent {

/// What talking to the hub needs.
struct hub_duties {
    hub::hub_exchange exchange;
    std::function<void()> break_off; ///< ends an exchange that is under way in another thread, without an answer
    host_id host;
    hub::loop_policy policy;
    hub_files files;
    std::function<tl::expected<hub::host_report, hub::report_skipped>()> collect;
    std::function<instant()> now;
    std::function<double()> chance;  ///< from 0 to 1
    std::optional<io::drop_box> box; ///< where signed operations go, if this host may change anything
    bool takes_desired = false;      ///< whether the desired state is the hub's
    std::shared_ptr<status_board> board;
    io::logger log;
    std::function<void()> desired_came = [] {};    ///< is told of a desired state that was kept
    std::function<void()> signed_ops_came = [] {}; ///< is told of bundles that were put into the box
    std::function<void()> heard = [] {};           ///< is told that what the hub named as desired is here
};

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
    auto follow(const hub::control_envelope& envelope) -> bool;
    [[nodiscard]] auto may_follow() const -> bool;
    [[nodiscard]] auto fetch_desired(const hub::control_envelope& envelope) -> bool;
    void refuse(hub::reported_refusal why);
    void not_done(std::string_view what, const hub::hub_error& why);
    void fetch_signed_ops(io::drop_box& box);
    void send_results(const io::drop_box& box);
    void fill_outbox(const io::drop_box& box);
    void wait_until(const std::optional<hub::uptime>& time);
    [[nodiscard]] auto is_stopping() const -> bool;

    hub_duties duties_;
    hub::report_loop loop_;
    hub::control_envelope in_force_; ///< the last one that was understood
    hub::result_outbox outbox_;
    hub::taken_ops taken_ops_;
    std::map<std::string, sha256_digest> seen_results_; ///< by their files; all are sent once more after a restart
    bool was_reached_ = true; ///< so that an outage is one line in the log, and its end another

    hub::follow_up_pause pause_;
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
