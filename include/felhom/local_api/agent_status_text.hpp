// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/printable.hpp>
#include <felhom/local_api/agent_status.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace felhom::local_api {

namespace detail {

/// How long ago or in how long, in the one unit that matters.
[[nodiscard]] inline auto duration_text(std::chrono::milliseconds length) -> std::string
{
    using namespace std::chrono;
    const auto size = length < milliseconds{0} ? -length : length;
    if (size < minutes{2}) {
        return std::to_string(floor<seconds>(size).count()) + " s";
    }
    if (size < hours{2}) {
        return std::to_string(floor<minutes>(size).count()) + " min";
    }
    return size < days{2} ? std::to_string(floor<hours>(size).count()) + " h"
                          : std::to_string(floor<days>(size).count()) + " days";
}

[[nodiscard]] inline auto ago(instant then, instant now) -> std::string
{
    return duration_text(now - then) + " ago";
}

/// One line: a name, filled up to a column, and what is to be said.
[[nodiscard]] inline auto status_line(std::string_view name, std::string_view what) -> std::string
{
    static constexpr auto column = std::size_t{12};
    auto line = std::string{name};
    line.resize(std::max(column, line.size() + 1), ' ');
    return line + std::string{what} + "\n";
}

[[nodiscard]] inline auto text_of(const hub::drift_summary& drift) -> std::string
{
    return std::to_string(drift.in_sync) + " in sync, " + std::to_string(drift.pending_restart)
           + " wait for a restart, " + std::to_string(drift.refused) + " refused, " + std::to_string(drift.held)
           + " held, " + std::to_string(drift.parked) + " parked, " + std::to_string(drift.unknown) + " unknown";
}

/// "was set back by 3 h, from 2026-06-01T15:00:00Z to 2026-06-01T12:00:00Z".
[[nodiscard]] inline auto text_of(const clock_step& step) -> std::string
{
    const auto back = step.to < step.from;
    return std::string{"was set "} + (back ? "back" : "forward") + " by " + duration_text(std::chrono::abs(step.by()))
           + ", from " + to_rfc3339(step.from) + " to " + to_rfc3339(step.to);
}

/// "104 (mail)"; the number alone where no name is known.
[[nodiscard]] inline auto guest_text(vmid guest, const agent_status& status) -> std::string
{
    const auto name = name_of(status, guest);
    return guest.text() + (name ? " (" + printable(*name, 63) + ")" : "");
}

[[nodiscard]] inline auto pass_lines(const agent_status& status) -> std::string
{
    const auto& passes = status.passes;
    const auto now = status.now;
    const auto without_pass = status.without_pass;
    auto text = status_line("last pass", passes.last_good ? duration_text(without_pass) + " ago" : "none yet");
    if (passes.failure) {
        text += status_line("", "the last one was not made: " + printable(*passes.failure, 500));
    }
    text +=
        status_line("next pass", passes.next ? "in " + duration_text(std::max(*passes.next - now, {})) : "under way");
    if (passes.desired) {
        const auto& generation = passes.desired->generation;
        text += status_line("desired",
                            passes.desired->source + (generation ? ", generation " + std::to_string(*generation) : ""));
        for (const auto& refusal : passes.desired->refused) {
            text +=
                status_line("", "not taken: " + (refusal.guest ? "guest " + refusal.guest->text() + ": " : "")
                                    + (refusal.key ? *refusal.key + ": " : "") + printable_joined(refusal.detail, 500));
        }
    }
    if (passes.drift) {
        text += status_line("guests", text_of(*passes.drift));
        for (const auto& guest : passes.drift->guests) {
            for (const auto& reason : guest.reasons) {
                text += status_line("  " + guest_text(guest.id, status),
                                    std::string{hub::text_of(guest.state)} + ": " + printable(reason, 500));
            }
        }
    }
    return text;
}

[[nodiscard]] inline auto hub_lines(const hub_state& hub, instant now) -> std::string
{
    auto text = status_line("hub", hub.last_answer ? "answered " + ago(*hub.last_answer, now) : "has not answered yet");
    if (hub.failure && hub.failures == 0) {
        text += status_line("", "the last report was taken; " + printable(*hub.failure, 500));
    } else if (hub.failure) {
        text += status_line("", std::to_string(hub.failures)
                                    + " reports in a row were not taken: " + printable(*hub.failure, 500));
    }
    if (hub.kept_reports > 0) {
        text += status_line("", std::to_string(hub.kept_reports) + " reports are kept for it");
    }
    return text;
}

[[nodiscard]] inline auto operation_lines(const agent_status& status) -> std::string
{
    const auto& operations = status.operations;
    auto text = std::string{};
    for (const auto& one : operations.under_way) {
        text += status_line(
            "under way", "operation " + std::to_string(number(one.id)) + ", " + one.op + " of guest "
                             + guest_text(one.guest, status) + ", for " + duration_text(status.now - one.started)
                             + ", since " + to_rfc3339(one.started) + (one.task ? ", task " + one.task->text() : ""));
    }
    for (const auto& guest : operations.parked) {
        text += status_line("parked", guest_text(guest.guest, status) + " since " + to_rfc3339(guest.since) + ": "
                                          + printable(guest.reason, 500) + "; `ops release " + guest.guest.text()
                                          + "` tries it again");
    }
    for (const auto& one : operations.unknown) {
        text += status_line("unknown", "operation " + std::to_string(one.id) + ", " + one.what
                                           + (one.guest ? " of guest " + guest_text(*one.guest, status) : "")
                                           + "; `ops show " + std::to_string(one.id) + "` tells more");
    }
    return text;
}

} // namespace detail

/// The status in one line, which holds until the next pass.
[[nodiscard]] inline auto to_line(const agent_status& status) -> std::string
{
    if (const auto why = unhealthy_reason(status)) {
        return "unhealthy: " + printable(*why, 500);
    }
    auto line = std::string{text_of(status.mode)};
    line += status.paused ? ", paused" : "";
    line += status.blocked ? ", blocked by the hub" : "";
    line += status.passes.drift ? "; guests: " + detail::text_of(*status.passes.drift) : "";
    return line + (status.passes.last_good ? "; pass at " + to_rfc3339(*status.passes.last_good) : "; no pass yet");
}

/// The status as a person reads it.
[[nodiscard]] inline auto to_text(const agent_status& status) -> std::string
{
    const auto unhealthy_because = unhealthy_reason(status);
    auto text = detail::status_line("node", status.node.text());
    text += detail::status_line("agent", status.agent_version + ", process " + std::to_string(status.process)
                                             + ", started " + detail::ago(status.started, status.now));
    text += detail::status_line("health",
                                unhealthy_because ? "unhealthy: " + printable(*unhealthy_because, 500) : "healthy");
    text += detail::status_line("mode", text_of(status.mode));
    if (status.paused) {
        text += detail::status_line("paused", printable(*status.paused, 500) + "; `resume` ends it");
    }
    if (status.blocked) {
        text += detail::status_line("blocked", "by the hub: nothing is changed");
    }
    if (status.veto) {
        text += detail::status_line("veto", "nothing destructive is done while " + status.veto_file + " is there"
                                                + (status.veto->empty() ? "" : ": " + printable(*status.veto, 500)));
    }
    if (status.reload_refused) {
        text += detail::status_line("reload", "the last new configuration was not taken, the one before is in force: "
                                                  + printable(*status.reload_refused, 500));
    }
    if (status.clock_set) {
        text += detail::status_line("clock", detail::text_of(*status.clock_set));
    }
    text += detail::pass_lines(status);
    text += status.hub ? detail::hub_lines(*status.hub, status.now) : detail::status_line("hub", "none is configured");
    return text + detail::operation_lines(status);
}

} // namespace felhom::local_api
