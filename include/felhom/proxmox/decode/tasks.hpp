// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/node.hpp>
#include <felhom/proxmox/api/reply_node.hpp>
#include <felhom/proxmox/decode/rows.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/model/partial_list.hpp>
#include <felhom/proxmox/tasks/task_status.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <tl/expected.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::proxmox {

/// The answer to read::task_status. A state that is neither of the two known ones is an error, never a guess.
[[nodiscard]] inline auto decode_task_status(const reply_node& data) -> tl::expected<task_status, decode_error>
{
    const auto status = data["status"];
    const auto state = status.text();
    if (!state || (*state != "running" && *state != "stopped")) {
        return tl::unexpected(status.fail(R"("running" or "stopped")"));
    }
    if (*state == "running") {
        return task_status{.running = true};
    }
    auto fields = reply_record{data};
    auto ended = task_status{.running = false, .exit_status = fields.text_if("exitstatus")};
    return std::move(fields).finish(std::move(ended));
}

[[nodiscard]] inline auto decode_listed_task(const reply_node& row) -> tl::expected<listed_task, decode_error>
{
    auto id = decode_parsed<upid>(row["upid"]);
    if (!id) {
        return tl::unexpected(std::move(id).error());
    }
    auto fields = reply_record{row};
    auto task = listed_task{.id = *std::move(id), .exit_status = fields.text_if("status")};
    if (task.exit_status == "RUNNING") {
        task.exit_status.reset();
    }
    if (const auto end = fields.integer_if<std::uint32_t>("endtime")) {
        task.ended = std::chrono::sys_seconds{std::chrono::seconds{*end}};
    }
    return std::move(fields).finish(std::move(task));
}

/// The answer to read::active_tasks and read::past_tasks, each row by itself.
[[nodiscard]] inline auto decode_tasks(const reply_node& data) -> tl::expected<partial_list<listed_task>, decode_error>
{
    return each_by_itself(decode_listed_task)(data);
}

/// The answer to read::task_log, the whole document. Of a task without a log Proxmox VE answers an object, or the one
/// line "no content": no lines, both.
[[nodiscard]] inline auto decode_task_log(const reply_node& document) -> tl::expected<task_log, decode_error>
{
    const auto data = document["data"];
    if (data.if_object() != nullptr) {
        return task_log{.lines = {}};
    }
    auto lines = read_each(data, [](const reply_node& row) -> tl::expected<std::string, decode_error> {
        return row["t"].text().map([](std::string_view text) { return std::string{text}; });
    });
    if (!lines) {
        return tl::unexpected(std::move(lines).error());
    }
    if (lines->size() == 1 && lines->front() == "no content") {
        return task_log{.lines = {}};
    }
    auto fields = reply_record{document};
    const auto total = fields.integer_or<std::uint64_t>("total", lines->size());
    return std::move(fields).finish(task_log{.lines = *std::move(lines), .total = total});
}

} // namespace felhom::proxmox
