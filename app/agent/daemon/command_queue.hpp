// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/log/logger.hpp"
#include "io/serve/http_server.hpp"

#include <felhom/core/loopback_address.hpp>
#include <felhom/local_api/agent_status.hpp>
#include <felhom/local_api/handed_command.hpp>
#include <felhom/local_api/report_answer.hpp>

#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace felhom::agent {

/// The reply to a command that was not begun, since the agent is stopping or reading its configuration anew.
[[nodiscard]] auto try_again() -> local_api::handed_reply;

/// What a running daemon is asked on its own machine: how it is doing, answered at once, and commands, which wait until
/// the daemon's own work comes to them.
class command_queue {
public:
    /// Is asked for a report, and whether it is to be sent; it tells what came of it, once, from any thread.
    using report_handler = std::function<void(bool to_send, std::function<void(local_api::report_answer)> tell)>;

    /// `status` is asked in the server's thread, and so is `reports`; `called` is told there that a command waits.
    command_queue(std::function<local_api::agent_status()> status, report_handler reports, std::function<void()> called,
                  io::logger log);
    command_queue(const command_queue&) = delete;
    command_queue(command_queue&&) = delete;
    auto operator=(const command_queue&) -> command_queue& = delete;
    auto operator=(command_queue&&) -> command_queue& = delete;

    /// Commands that still wait are answered: the agent is stopping.
    ~command_queue();

    /// Opens the socket, and the metrics where they are wanted. What cannot be opened is logged: a daemon works
    /// without.
    void open(const std::string& socket_path, const std::optional<loopback_address>& metrics);

    /// Carries out a command, and is also told whose it is.
    using execution = std::function<local_api::handed_reply(const local_api::handed_request&, const std::string&)>;

    /// Carries out the command that has waited longest, and answers whether there was one.
    [[nodiscard]] auto serve_next(const execution& execute) -> bool;

    /// The same in a thread of its own, so that no command waits for another's task. False, too, where as many are
    /// being carried out as may be at once.
    [[nodiscard]] auto begin_next(const execution& execute) -> bool;

    /// Returns once what was begun has ended.
    void finish_begun();

private:
    struct waiting {
        local_api::handed_request request;
        std::string by;
        io::http_server::respond respond;
    };

    [[nodiscard]] auto take_next() -> std::optional<waiting>;
    void at_socket(io::served_request request, io::http_server::respond respond);
    void at_loopback(const io::served_request& request, const io::http_server::respond& respond);

    std::function<local_api::agent_status()> status_;
    report_handler reports_;
    std::function<void()> called_;
    io::logger log_;
    std::mutex mutex_;
    std::deque<waiting> waiting_;
    std::vector<std::future<void>> begun_;
    io::http_server server_; ///< the last member: its thread uses the others
};

} // namespace felhom::agent
