// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/call_log.hpp"

#include <felhom/core/log_level.hpp>
#include <felhom/net/call_line.hpp>
#include <felhom/proxmox/api/mutation_reply.hpp>
#include <felhom/proxmox/api/reply.hpp>
#include <felhom/proxmox/errors/error.hpp>

#include <string>
#include <variant>
#include <vector>

namespace felhom::agent {

namespace {

constexpr auto first_failure = 400;

void log_task(const io::logger& log, const net::exchanged& answer)
{
    const auto reply = proxmox::understand_mutation(answer);
    const auto* const task = reply ? std::get_if<proxmox::upid>(&*reply) : nullptr;
    if (task != nullptr) {
        log.info("task began", {{"upid", task->text()}});
    }
}

} // namespace

void log_call(const io::logger& log, const io::https_call& call, const net::exchanged& answer,
              std::chrono::milliseconds took)
{
    const auto method = net::name_of(call.method);
    const auto path = call.target.substr(0, call.target.find('?'));
    const auto changes = call.method != net::http_method::get;
    if (!answer) {
        log.info(
            "call failed",
            {{"method", method}, {"path", path}, {"error", proxmox::describe(answer.error())}, {"ms", took.count()}});
        return;
    }
    const auto level = changes || answer->status >= first_failure ? log_level::info : log_level::debug;
    log.log(level, "call", {{"method", method}, {"path", path}, {"status", answer->status}, {"ms", took.count()}});
    if (changes) {
        log_task(log, answer);
    }
}

void write_log_event(const io::logger& log, const log_event& event)
{
    auto fields = std::vector<io::log_field>{};
    for (const auto& [key, value] : event.with) {
        fields.emplace_back(key, value);
    }
    log.log(event.detail ? log_level::debug : log_level::info, event.what, fields);
}

} // namespace felhom::agent
