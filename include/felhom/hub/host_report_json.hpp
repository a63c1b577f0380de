#pragma once

#include <felhom/hub/backup_report_json.hpp>
#include <felhom/hub/guest_report_json.hpp>
#include <felhom/hub/hardware_report_json.hpp>
#include <felhom/hub/host_report.hpp>
#include <felhom/hub/json_writer.hpp>
#include <felhom/hub/probe_report_json.hpp>
#include <felhom/hub/sourced_json.hpp>
#include <felhom/hub/standing_json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace felhom::hub {

/// Reports that were made and never sent, before another one.
struct missed_reports {
    std::uint64_t count;
    instant from; ///< when the first of them was made
    instant to;   ///< and the last

    friend auto operator==(const missed_reports&, const missed_reports&) -> bool = default;
};

inline void write_members(json_writer& out, const missed_reports& missed)
{
    out.member<"count">(missed.count);
    out.member<"from">(missed.from);
    out.member<"to">(missed.to);
}

inline void write_members(json_writer& out, const node_metrics& node)
{
    out.member<"collected_at">(node.collected_at);
    out.member<"name">(node.name.text());
    out.member<"uptime">(node.status.uptime);
    out.member<"cpu">(node.status.cpu);
    out.member<"cpus">(node.status.cpus);
    out.member<"load">(node.status.load);
    out.member<"memory">(node.status.memory);
    out.member<"swap">(node.status.swap);
    out.member<"root">(node.status.root);
    out.member<"kernel">(node.status.kernel);
    out.member<"manager">(node.status.manager);
}

/// The text of a report up to its end: which reports were missed before it is known only when it is sent. It is valid
/// UTF-8, whatever the names and notes it holds are.
class open_report {
public:
    [[nodiscard]] static auto of(const host_report& report) -> open_report
    {
        static constexpr auto around = std::size_t{4096};
        static constexpr auto per_guest = std::size_t{1024}; // and what is kept of its backups
        auto text = std::string{};
        text.reserve(around + (report.guests.value.size() * per_guest));
        auto out = json_writer{text};
        out.open();
        out.member<"schema">(host_report_schema);
        out.member<"host_id">(report.host.text());
        out.member<"agent_version">(report.agent_version);
        out.member<"created_at">(report.created_at);
        out.member<"node">(report.node);
        out.member<"guests">(report.guests);
        out.member<"cloudflared">(report.cloudflared);
        out.member<"storage_targets">(report.storage_targets);
        out.member<"backups">(report.backups);
        out.member<"pbs_snapshots">(report.pbs_snapshots);
        out.member<"restore_tests">(report.restore_tests);
        out.member<"disks">(report.disks);
        out.member<"temperatures">(report.temperatures);
        out.member<"audit_tail">(report.audit_tail);
        out.member<"desired">(report.desired);
        out.member<"drift">(report.drift);
        out.member<"unknown_operations">(report.unknown_operations);
        out.member<"clock">(report.clock);
        return open_report{std::move(text)};
    }

    /// How much memory it takes.
    [[nodiscard]] auto size() const -> std::size_t { return text_.size(); }

    /// The whole document.
    [[nodiscard]] auto sealed(const std::optional<missed_reports>& missed) const& -> std::string
    {
        static constexpr auto end = std::size_t{128};
        auto text = std::string{};
        text.reserve(text_.size() + end);
        text += text_;
        return ended(std::move(text), missed);
    }
    [[nodiscard]] auto sealed(const std::optional<missed_reports>& missed) && -> std::string
    {
        return ended(std::move(text_), missed);
    }

    friend auto operator==(const open_report&, const open_report&) -> bool = default;

private:
    explicit open_report(std::string text) : text_{std::move(text)} {}

    [[nodiscard]] static auto ended(std::string text, const std::optional<missed_reports>& missed) -> std::string
    {
        auto out = json_writer{text};
        out.member<"missed">(missed);
        out.close();
        return text;
    }

    std::string text_;
};

/// A report as the document that it is when none was missed before it.
[[nodiscard]] inline auto to_json(const host_report& report) -> std::string
{
    return open_report::of(report).sealed(std::nullopt);
}

} // namespace felhom::hub
