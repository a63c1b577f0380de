// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/writer.hpp>
#include <felhom/hash_chain/head.hpp>
#include <felhom/hub/desired_status_json.hpp>
#include <felhom/hub/report/backup_report_json.hpp>
#include <felhom/hub/report/guest_report_json.hpp>
#include <felhom/hub/report/hardware_report_json.hpp>
#include <felhom/hub/report/host_report.hpp>
#include <felhom/hub/report/probe_report_json.hpp>
#include <felhom/hub/report/report_stamp.hpp>
#include <felhom/hub/report/sourced_json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::hub {

inline void write_members(json_writer& out, const node_metrics& node)
{
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

namespace detail {

/// Every part of a report that may fail by itself, with its name.
template <typename Use>
void each_part(const host_report& report, Use use)
{
    use.template operator()<"guests">(report.guests);
    use.template operator()<"vms">(report.vms);
    use.template operator()<"storage_targets">(report.storage_targets);
    use.template operator()<"backups">(report.backups);
    use.template operator()<"restore_tests">(report.restore_tests);
    use.template operator()<"pbs_snapshots">(report.pbs_snapshots);
    use.template operator()<"audit_tail">(report.audit_tail);
    use.template operator()<"cloudflared">(report.cloudflared);
    use.template operator()<"disks">(report.disks);
    use.template operator()<"temperatures">(report.temperatures);
    use.template operator()<"desired">(report.desired);
    use.template operator()<"drift">(report.drift);
    use.template operator()<"unknown_operations">(report.unknown_operations);
    use.template operator()<"clock">(report.clock);
}

/// What stands under the name of a part: of a collection its elements, and nothing around them.
template <typename T>
[[nodiscard]] auto content_of(const T* value) -> const T*
{
    return value;
}
[[nodiscard]] inline auto content_of(const pbs_snapshots* all) -> const std::vector<pbs_snapshot>*
{
    return &all->newest;
}
[[nodiscard]] inline auto content_of(const audit_tail* tail) -> const std::vector<audit_record>*
{
    return &tail->records;
}

/// How each part of a report was collected.
struct report_sources {
    const host_report* of;
};

inline void write_members(json_writer& out, const report_sources& sources)
{
    out.member<"host">(part_source{.collected_at = sources.of->node.collected_at, .error = std::nullopt});
    each_part(*sources.of, [&]<member_name Name>(const auto& part) {
        out.member<Name>(part_source{.collected_at = part.collected_at, .error = part.error});
    });
}

} // namespace detail

/// The text of a report up to its stamp. It is valid UTF-8, whatever the names and notes it holds are.
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
        out.member<"host">(report.node);
        detail::each_part(
            report, [&]<member_name Name>(const auto& part) { out.member<Name>(*detail::content_of(&part.value)); });
        const auto& head = report.audit_tail.value.head;
        out.member<"journal_head">(head ? std::optional{hash_chain::to_text(*head)} : std::nullopt);
        out.member<"pbs_snapshots_omitted">(report.pbs_snapshots.value.omitted);
        out.member<"sources">(detail::report_sources{&report});
        return open_report{std::move(text)};
    }

    /// How much memory it takes.
    [[nodiscard]] auto size() const -> std::size_t { return text_.size(); }

    /// The whole document.
    [[nodiscard]] auto sealed(const report_stamp& stamp) const& -> std::string
    {
        static constexpr auto end = std::size_t{256};
        auto text = std::string{};
        text.reserve(text_.size() + end);
        text += text_;
        return ended(std::move(text), stamp);
    }
    [[nodiscard]] auto sealed(const report_stamp& stamp) && -> std::string { return ended(std::move(text_), stamp); }

    friend auto operator==(const open_report&, const open_report&) -> bool = default;

private:
    explicit open_report(std::string text) : text_{std::move(text)} {}

    [[nodiscard]] static auto ended(std::string text, const report_stamp& stamp) -> std::string
    {
        auto out = json_writer{text};
        write_members(out, stamp);
        out.close();
        return text;
    }

    std::string text_;
};

/// A report as the document that it is under this stamp.
[[nodiscard]] inline auto to_json(const host_report& report, const report_stamp& stamp) -> std::string
{
    return open_report::of(report).sealed(stamp);
}

} // namespace felhom::hub
