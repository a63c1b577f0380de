// SPDX-License-Identifier: Apache-2.0
#include "sim/api/calls.hpp"
#include "sim/api/text.hpp"

#include <felhom/core/contains.hpp>

#include <algorithm>
#include <regex>

namespace felhom::sim {

namespace {

auto seconds_of(instant at) -> std::int64_t
{
    return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

auto is_upid(const std::string& text) -> bool
{
    static const auto shape = std::regex{
        R"(UPID:([a-zA-Z0-9]([a-zA-Z0-9\-]*[a-zA-Z0-9])?):([0-9A-Fa-f]{8}):([0-9A-Fa-f]{8,9}):([0-9A-Fa-f]{8}):([^:\s/]+):([^:\s/]*):([^:\s/]+):)"};
    return std::regex_match(text, shape);
}

auto ended_well(const task& of) -> bool
{
    return of.exit_status == "OK" || of.exit_status.starts_with("WARNINGS: ");
}

auto filter_name(const task& of) -> std::string
{
    if (of.exit_status == "OK") {
        return "ok";
    }
    if (ended_well(of)) {
        return "warning";
    }
    return of.exit_status == "unexpected status" ? "unknown" : "error";
}

/// Its owner may see a task: the token that started it, or the user whose token it was.
auto owns(const identity& by, const task& of) -> bool
{
    return by.text() == of.who();
}

auto require_owner(const call& c, const task& of, const std::string& privilege) -> tl::expected<void, refusal>
{
    return owns(c.by, of) ? tl::expected<void, refusal>{} : c.require("/nodes/" + c.on.settings.name, {privilege});
}

auto common_row(const task& of, const std::string& node) -> json::object
{
    return json::object{{"upid", of.upid}, {"node", node},    {"type", of.type},
                        {"id", of.id},     {"user", of.user}, {"starttime", seconds_of(of.started)}};
}

/// A row of the node's task list. There `status` is the exit status, and a running task keeps its token in `user`.
auto listed(const task& of, const std::string& node) -> json::object
{
    auto row = common_row(of, node);
    row["pid"] = of.pid;
    row["pstart"] = of.pstart;
    if (!of.ended) {
        row["status"] = "RUNNING";
        row["saved"] = "0";
        row["user"] = of.who();
        return row;
    }
    if (!of.token.empty()) {
        row["tokenid"] = of.token;
    }
    row["endtime"] = seconds_of(*of.ended);
    row["status"] = of.exit_status;
    return row;
}

auto is_wanted(const call& c, const task& of) -> bool
{
    const auto source = c.given.has("source") ? c.given.text("source") : "archive";
    if ((of.ended && source == "active") || (!of.ended && source == "archive")) {
        return false;
    }
    const auto& given = c.given;
    const auto filters = split_list(given.text("statusfilter"));
    const auto started = seconds_of(of.started);
    return (!given.has("vmid") || of.id == given.text("vmid"))
           && (!given.has("typefilter") || of.type == given.text("typefilter"))
           && (!given.has("userfilter") || of.who().find(given.text("userfilter")) != std::string::npos)
           && (!given.flag("errors") || !of.ended || !ended_well(of))
           && (filters.empty() || contains(filters, filter_name(of))) && started >= given.number("since", started)
           && started <= given.number("until", started);
}

auto task_called(const call& c) -> tl::expected<task*, refusal>
{
    const auto upid = c.given.text("upid");
    if (!is_upid(upid)) {
        return invalid({{"upid", "unable to parse worker upid"}});
    }
    auto* const found = c.on.find_task(upid);
    if (found == nullptr) {
        return invalid({{"upid", "no such task"}});
    }
    return found;
}

} // namespace

auto list_tasks(const call& c) -> answer
{
    static constexpr auto default_limit = 50;
    const auto sees_all = c.may("/nodes/" + c.on.settings.name, "Sys.Audit");
    auto start = c.given.number("start", 0);
    auto limit = c.given.number("limit", default_limit);
    auto rows = json::array{};
    auto total = std::int64_t{0};
    for (auto at = c.on.tasks.rbegin(); at != c.on.tasks.rend(); ++at) {
        if (!is_wanted(c, *at) || !(sees_all || owns(c.by, *at))) {
            continue;
        }
        ++total;
        if (start-- > 0 || limit-- <= 0) {
            continue;
        }
        rows.push_back(listed(*at, c.on.settings.name));
    }
    return reply{.data = std::move(rows), .total = total};
}

auto list_cluster_tasks(const call& c) -> answer
{
    static constexpr auto most = std::size_t{25};
    const auto sees_all = c.may("/nodes/" + c.on.settings.name, "Sys.Audit");
    auto rows = json::array{};
    for (auto at = c.on.tasks.rbegin(); at != c.on.tasks.rend() && rows.size() < most; ++at) {
        if (!(sees_all || owns(c.by, *at))) {
            continue;
        }
        auto row = common_row(*at, c.on.settings.name);
        if (!at->token.empty()) {
            row["tokenid"] = at->token;
        }
        const auto& ended = at->ended;
        row["saved"] = ended ? "1" : "0";
        if (ended) {
            row["endtime"] = seconds_of(*ended);
            row["status"] = at->exit_status;
        } else {
            row["pid"] = at->pid;
        }
        rows.push_back(std::move(row));
    }
    return reply{.data = std::move(rows)};
}

auto task_index(const call& /*c*/) -> answer
{
    return reply{.data = json::array{json::object{{"name", "log"}}, json::object{{"name", "status"}}}};
}

auto task_status(const call& c) -> answer
{
    return task_called(c).and_then([&](task* of) -> answer {
        if (auto allowed = require_owner(c, *of, "Sys.Audit"); !allowed) {
            return tl::unexpected(allowed.error());
        }
        auto row = common_row(*of, c.on.settings.name);
        row["pid"] = of->pid;
        row["pstart"] = of->pstart;
        if (!of->token.empty()) {
            row["tokenid"] = of->token;
        }
        row["status"] = of->ended ? "stopped" : "running";
        if (of->ended) {
            row["exitstatus"] = of->exit_status;
        }
        return reply{.data = std::move(row)};
    });
}

auto task_log(const call& c) -> answer
{
    static constexpr auto default_limit = 50;
    const auto upid = c.given.text("upid");
    if (is_upid(upid) && c.on.find_task(upid) == nullptr) {
        return reply{.data = json::object{{"n", 1}, {"t", "unable to open file - No such file or directory"}},
                     .total = 1};
    }
    return task_called(c).and_then([&](task* of) -> answer {
        if (auto allowed = require_owner(c, *of, "Sys.Audit"); !allowed) {
            return tl::unexpected(allowed.error());
        }
        const auto lines = of->log.empty() ? std::vector<std::string>{"no content"} : of->log;
        const auto size = static_cast<std::int64_t>(lines.size());
        const auto start = std::min(c.given.number("start", 0), size);
        const auto limit = c.given.number("limit", default_limit);
        const auto end = limit == 0 ? size : std::min(size, start + limit);
        auto rows = json::array{};
        for (auto at = start; at < end; ++at) {
            rows.push_back(json::object{{"n", at + 1}, {"t", lines[static_cast<std::size_t>(at)]}});
        }
        return reply{.data = std::move(rows), .total = size};
    });
}

auto stop_task(const call& c) -> answer
{
    return task_called(c).and_then([&](task* of) -> answer {
        if (auto allowed = require_owner(c, *of, "Sys.Modify"); !allowed) {
            return tl::unexpected(allowed.error());
        }
        static constexpr auto patience = std::chrono::seconds{5};
        const auto delay = of->ended ? std::chrono::seconds{0} : patience;
        c.on.interrupt(*of);
        return reply{.data = nullptr, .total = std::nullopt, .delay = delay};
    });
}

} // namespace felhom::sim
