// SPDX-License-Identifier: Apache-2.0
#include "agent/daemon/command_queue.hpp"

#include "agent/setup/user_name.hpp"

#include <felhom/core/exit_code.hpp>
#include <felhom/local_api/handed_command_json.hpp>
#include <felhom/local_api/pages.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <system_error>
#include <utility>

namespace felhom::agent {

namespace {

[[nodiscard]] auto answer_of(local_api::page_text page) -> io::served_answer
{
    return {.status = page.status, .type = std::string{page.type}, .body = std::move(page.body)};
}

[[nodiscard]] auto refusal(int status, const std::string& why) -> io::served_answer
{
    return {.status = status, .type = std::string{local_api::plain_text}, .body = why + "\n"};
}

} // namespace

auto try_again() -> local_api::handed_reply
{
    return {.status = static_cast<int>(exit_code::busy),
            .out = {},
            .err = "error: the agent is stopping or reading its configuration anew; try again\n"};
}

command_queue::command_queue(std::function<local_api::agent_status()> status, report_handler reports,
                             std::function<void()> called, io::logger log)
    : status_{std::move(status)}, reports_{std::move(reports)}, called_{std::move(called)}, log_{std::move(log)}
{
}

command_queue::~command_queue()
{
    const auto tell_to_try_again = [](const local_api::handed_request& /*request*/, const std::string& /*by*/) {
        return try_again();
    };
    while (serve_next(tell_to_try_again)) {
    }
    finish_begun();
    while (serve_next(tell_to_try_again)) {
    }
}

void command_queue::open(const std::string& socket_path, const std::optional<loopback_address>& metrics)
{
    const auto opened =
        server_.serve_socket(socket_path, [this](io::served_request request, io::http_server::respond respond) {
            at_socket(std::move(request), std::move(respond));
        });
    if (!opened) {
        log_.error("no commands are taken", {{"reason", opened.error()}});
    }
    if (!metrics) {
        return;
    }
    const auto port = server_.serve_loopback(
        *metrics, [this](const io::served_request& request, const io::http_server::respond& respond) {
            at_loopback(request, respond);
        });
    if (port) {
        log_.notice("serving metrics", {{"port", *port}});
    } else {
        log_.error("no metrics are served", {{"reason", port.error()}});
    }
}

void command_queue::at_socket(io::served_request request, io::http_server::respond respond)
{
    const auto page = local_api::find_socket_page(request.method, request.target);
    if (!page) {
        respond(refusal(404, "no such page"));
        return;
    }
    switch (*page) {
    case local_api::socket_page::status:
    case local_api::socket_page::status_text:
        respond(answer_of(local_api::write_page(*page == local_api::socket_page::status, status_())));
        return;
    case local_api::socket_page::show_report:
    case local_api::socket_page::send_report:
        reports_(*page == local_api::socket_page::send_report,
                 [respond = std::move(respond)](const local_api::report_answer& answer) {
                     respond({.body = local_api::print(answer)});
                 });
        return;
    case local_api::socket_page::command:
        break;
    }
    auto asked = local_api::parse_handed_request(request.body);
    if (!asked) {
        respond(refusal(400, "the running agent does not understand this command: " + describe(asked.error())));
        return;
    }
    {
        const auto hold = std::lock_guard{mutex_};
        waiting_.push_back({.request = *std::move(asked),
                            .by = request.peer ? user_name_of(*request.peer) : "somebody",
                            .respond = std::move(respond)});
    }
    called_();
}

void command_queue::at_loopback(const io::served_request& request, const io::http_server::respond& respond)
{
    const auto page = local_api::find_open_page(request.method, request.target);
    respond(page ? answer_of(local_api::write_page(*page, status_())) : refusal(404, "no such page"));
}

auto command_queue::take_next() -> std::optional<waiting>
{
    const auto hold = std::lock_guard{mutex_};
    if (waiting_.empty()) {
        return std::nullopt;
    }
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    return next;
}

auto command_queue::serve_next(const execution& execute) -> bool
{
    const auto next = take_next();
    if (next) {
        next->respond({.body = local_api::print(execute(next->request, next->by))});
    }
    return next.has_value();
}

auto command_queue::begin_next(const execution& execute) -> bool
{
    static constexpr auto most_begun = std::size_t{16};
    std::erase_if(begun_, [](const std::future<void>& one) {
        return one.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    });
    auto next = begun_.size() < most_begun ? take_next() : std::nullopt;
    if (!next) {
        return false;
    }
    try {
        begun_.push_back(std::async(std::launch::async, [this, execute, next = *next] {
            next.respond({.body = local_api::print(execute(next.request, next.by))});
            called_(); // others may wait for its place
        }));
    } catch (const std::system_error& error) { // std::async has no other way to say that there is no thread
        next->respond({.body = local_api::print({.status = static_cast<int>(exit_code::busy),
                                                 .out = {},
                                                 .err = std::string{"error: the agent can begin no thread for it: "}
                                                        + error.what() + "; try again\n"})});
    }
    return true;
}

void command_queue::finish_begun()
{
    begun_.clear(); // each waits for its thread
}

} // namespace felhom::agent
