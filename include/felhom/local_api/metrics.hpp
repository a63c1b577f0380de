// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/local_api/agent_status.hpp>

#include <charconv>
#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

// The status as Prometheus reads it: text exposition format 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/). A figure that is not known is left out, never 0.
namespace felhom::local_api {

/// The content type of what to_metrics makes.
inline constexpr auto metrics_type = std::string_view{"text/plain; version=0.0.4; charset=utf-8"};

namespace detail {

class metrics_writer {
public:
    using label = std::pair<std::string_view, std::string_view>;

    void family(std::string_view name, std::string_view help)
    {
        text_ += "# HELP " + std::string{name} + " " + std::string{help} + "\n# TYPE " + std::string{name} + " gauge\n";
    }

    void value(std::string_view name, double number, std::initializer_list<label> labels = {})
    {
        text_ += name;
        auto separator = '{';
        for (const auto& [key, value] : labels) {
            text_ += separator + std::string{key} + "=\"" + escaped(value) + "\"";
            separator = ',';
        }
        text_ += (separator == ',' ? "} " : " ") + decimal(number) + "\n";
    }

    void gauge(std::string_view name, std::string_view help, double number)
    {
        family(name, help);
        value(name, number);
    }

    [[nodiscard]] auto text() && -> std::string { return std::move(text_); }

private:
    [[nodiscard]] static auto escaped(std::string_view value) -> std::string
    {
        auto text = std::string{};
        for (const auto c : value) {
            text += c == '\\' ? "\\\\" : c == '"' ? "\\\"" : c == '\n' ? "\\n" : std::string{c};
        }
        return text;
    }

    [[nodiscard]] static auto decimal(double number) -> std::string
    {
        auto digits = std::array<char, 32>{};
        auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        return {digits.data(), end};
    }

    std::string text_;
};

[[nodiscard]] inline auto seconds_of(instant at) -> double
{
    return std::chrono::duration<double>{at.time_since_epoch()}.count();
}

inline void write_drift(metrics_writer& to, const hub::drift_summary& drift)
{
    static constexpr auto name = std::string_view{"felhom_guests"};
    to.family(name, "Desired guests by how they stand.");
    to.value(name, static_cast<double>(drift.in_sync), {{"state", "in_sync"}});
    to.value(name, static_cast<double>(drift.pending_restart), {{"state", "pending_restart"}});
    to.value(name, static_cast<double>(drift.refused), {{"state", "refused"}});
    to.value(name, static_cast<double>(drift.held), {{"state", "held"}});
    to.value(name, static_cast<double>(drift.parked), {{"state", "parked"}});
    to.value(name, static_cast<double>(drift.unknown), {{"state", "unknown"}});
}

inline void write_passes(metrics_writer& to, const pass_state& passes)
{
    if (passes.last_good) {
        to.gauge("felhom_last_pass_timestamp_seconds", "When a pass was last made to its end.",
                 seconds_of(*passes.last_good));
    }
    to.gauge("felhom_last_pass_failed", "Whether the last pass could not be made.", passes.failure ? 1 : 0);
    if (passes.desired && passes.desired->generation) {
        to.gauge("felhom_desired_generation", "The generation of the desired state.",
                 static_cast<double>(*passes.desired->generation));
    }
    if (passes.drift) {
        write_drift(to, *passes.drift);
    }
}

inline void write_hub(metrics_writer& to, const hub_state& hub)
{
    if (hub.last_answer) {
        to.gauge("felhom_hub_last_answer_timestamp_seconds", "When the hub last answered.",
                 seconds_of(*hub.last_answer));
    }
    to.gauge("felhom_hub_failures", "Reports in a row that the hub did not take.", static_cast<double>(hub.failures));
    to.gauge("felhom_hub_kept_reports", "Reports that wait for the hub.", static_cast<double>(hub.kept_reports));
}

} // namespace detail

[[nodiscard]] inline auto to_metrics(const agent_status& status) -> std::string
{
    auto to = detail::metrics_writer{};
    to.family("felhom_agent_info", "Always 1; the labels say which agent this is.");
    to.value("felhom_agent_info", 1,
             {{"version", status.agent_version}, {"node", status.node.text()}, {"mode", text_of(status.mode)}});
    to.gauge("felhom_agent_healthy", "Whether /healthz says so.", unhealthy_reason(status) ? 0 : 1);
    to.gauge("felhom_journal_failed", "Whether nothing can be recorded, and so nothing is changed.",
             status.journal_failure || status.mode == working_mode::only_report ? 1 : 0);
    to.gauge("felhom_agent_start_timestamp_seconds", "When the agent was started.", detail::seconds_of(status.started));
    to.gauge("felhom_agent_paused", "Whether the owner has paused all changes.", status.paused ? 1 : 0);
    to.gauge("felhom_agent_blocked", "Whether the hub has blocked all changes.", status.blocked ? 1 : 0);
    detail::write_passes(to, status.passes);
    if (status.hub) {
        detail::write_hub(to, *status.hub);
    }
    to.gauge("felhom_operations_in_flight", "Operations that were begun and have not ended.",
             static_cast<double>(status.operations.under_way.size()));
    to.gauge("felhom_operations_unknown", "Operations whose outcome nobody knows and an operator must look at.",
             static_cast<double>(status.operations.unknown.size()));
    to.gauge("felhom_guests_parked", "Guests that are left alone after too many failures.",
             static_cast<double>(status.operations.parked.size()));
    return std::move(to).text();
}

} // namespace felhom::local_api
