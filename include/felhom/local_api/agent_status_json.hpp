// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/hub/report/refusal_json.hpp>
#include <felhom/local_api/agent_status.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string_view>

namespace felhom::local_api {

/// The format of a status; a member may be added under the same version, none is removed or changed.
inline constexpr auto status_schema = std::string_view{"felhom-status/1"};

namespace detail {

[[nodiscard]] inline auto json_if(const std::optional<std::string>& text) -> boost::json::value
{
    return text ? boost::json::value(*text) : boost::json::value(nullptr);
}

[[nodiscard]] inline auto json_if(const std::optional<instant>& at) -> boost::json::value
{
    return at ? boost::json::value(to_rfc3339(*at)) : boost::json::value(nullptr);
}

[[nodiscard]] inline auto json_if(const std::optional<vmid>& guest) -> boost::json::value
{
    return guest ? boost::json::value(guest->number()) : boost::json::value(nullptr);
}

[[nodiscard]] inline auto json_if(const std::optional<clock_step>& step) -> boost::json::value
{
    if (!step) {
        return nullptr;
    }
    return boost::json::object{
        {"from", to_rfc3339(step->from)}, {"to", to_rfc3339(step->to)}, {"by_ms", step->by().count()}};
}

[[nodiscard]] inline auto json_of(const hub::drift_summary& drift, const agent_status& status) -> boost::json::object
{
    auto guests = boost::json::array{};
    for (const auto& guest : drift.guests) {
        auto reasons = boost::json::array{};
        for (const auto& reason : guest.reasons) {
            reasons.emplace_back(reason);
        }
        guests.push_back(boost::json::object{{"vmid", guest.id.number()},
                                             {"name", json_if(name_of(status, guest.id))},
                                             {"state", hub::text_of(guest.state)},
                                             {"reasons", std::move(reasons)}});
    }
    return {{"in_sync", drift.in_sync},   {"pending_restart", drift.pending_restart},
            {"held", drift.held},         {"parked", drift.parked},
            {"unknown", drift.unknown},   {"refused", drift.refused},
            {"guests", std::move(guests)}};
}

[[nodiscard]] inline auto json_of(const hub::desired_status& desired) -> boost::json::object
{
    return {{"source", desired.source},
            {"generation", desired.generation ? boost::json::value(*desired.generation) : boost::json::value(nullptr)},
            {"refused", hub::to_json(desired.refused)}};
}

[[nodiscard]] inline auto json_of(const pass_state& passes, const agent_status& status) -> boost::json::object
{
    return {{"last", json_if(passes.last_good)},
            {"failure", json_if(passes.failure)},
            {"next", json_if(passes.next)},
            {"desired", passes.desired ? boost::json::value(json_of(*passes.desired)) : boost::json::value(nullptr)},
            {"drift", passes.drift ? boost::json::value(json_of(*passes.drift, status)) : boost::json::value(nullptr)}};
}

[[nodiscard]] inline auto json_of(const hub_state& hub) -> boost::json::object
{
    return {{"last_answer", json_if(hub.last_answer)},
            {"failure", json_if(hub.failure)},
            {"failures", hub.failures},
            {"kept_reports", hub.kept_reports}};
}

[[nodiscard]] inline auto json_of(const operation_counts& operations, const agent_status& status) -> boost::json::object
{
    auto parked = boost::json::array{};
    for (const auto& guest : operations.parked) {
        parked.push_back(boost::json::object{{"vmid", guest.guest.number()},
                                             {"name", json_if(name_of(status, guest.guest))},
                                             {"since", to_rfc3339(guest.since)},
                                             {"reason", guest.reason}});
    }
    auto unknown = boost::json::array{};
    for (const auto& one : operations.unknown) {
        unknown.push_back(boost::json::object{{"operation", one.id},
                                              {"vmid", json_if(one.guest)},
                                              {"op", one.what},
                                              {"started", to_rfc3339(one.started)},
                                              {"detail", one.detail}});
    }
    auto under_way = boost::json::array{};
    for (const auto& one : operations.under_way) {
        under_way.push_back(boost::json::object{
            {"operation", number(one.id)},
            {"vmid", one.guest.number()},
            {"name", json_if(name_of(status, one.guest))},
            {"op", one.op},
            {"started", to_rfc3339(one.started)},
            {"task", one.task ? boost::json::value(one.task->text()) : boost::json::value(nullptr)}});
    }
    return {{"in_flight", under_way.size()},
            {"under_way", under_way},
            {"parked", std::move(parked)},
            {"unknown", std::move(unknown)}};
}

} // namespace detail

[[nodiscard]] inline auto to_json(const agent_status& status) -> boost::json::object
{
    const auto unhealthy_because = unhealthy_reason(status);
    return {{"schema", status_schema},
            {"agent_version", status.agent_version},
            {"node", status.node.text()},
            {"process", status.process},
            {"now", to_rfc3339(status.now)},
            {"started", to_rfc3339(status.started)},
            {"mode", text_of(status.mode)},
            {"healthy", !unhealthy_because},
            {"illness", detail::json_if(unhealthy_because)},
            {"paused", detail::json_if(status.paused)},
            {"blocked", status.blocked},
            {"veto", detail::json_if(status.veto)},
            {"reload_refused", detail::json_if(status.reload_refused)},
            {"passes", detail::json_of(status.passes, status)},
            {"clock_set", detail::json_if(status.clock_set)},
            {"hub", status.hub ? boost::json::value(detail::json_of(*status.hub)) : boost::json::value(nullptr)},
            {"operations", detail::json_of(status.operations, status)}};
}

} // namespace felhom::local_api
