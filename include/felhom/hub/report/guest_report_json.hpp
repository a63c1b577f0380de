// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/hub/report/guest_report.hpp>
#include <felhom/hub/report/sourced_json.hpp>

#include <array>
#include <string_view>

namespace felhom::proxmox {

inline void write_members(json_writer& out, const usage& space)
{
    out.member<"total">(space.total);
    out.member<"used">(space.used);
}

} // namespace felhom::proxmox

namespace felhom::hub {

inline constexpr auto guest_state_words =
    enum_table{std::array{enum_word{guest_state::running, "running"}, enum_word{guest_state::stopped, "stopped"},
                          enum_word{guest_state::unknown, "unknown"}}};

[[nodiscard]] constexpr auto text_of(guest_state state) -> std::string_view
{
    return guest_state_words.text_of(state);
}

inline void write_members(json_writer& out, const guest_metrics& metrics)
{
    out.member<"uptime">(metrics.uptime);
    out.member<"cpu">(metrics.cpu);
    out.member<"cpus">(metrics.cpus);
    out.member<"memory">(metrics.memory);
    out.member<"swap">(metrics.swap);
    out.member<"disk">(metrics.disk);
    out.member<"network_in">(metrics.network_in);
    out.member<"network_out">(metrics.network_out);
    out.member<"disk_read">(metrics.disk_read);
    out.member<"disk_written">(metrics.disk_written);
}

inline void write_members(json_writer& out, const guest_spec& spec)
{
    out.member<"cores">(spec.cores);
    out.member<"memory">(spec.memory);
    out.member<"swap">(spec.swap);
    out.member<"disk">(spec.disk);
    out.member<"onboot">(spec.onboot);
    out.member<"protection">(spec.is_protected);
    out.member<"unprivileged">(spec.unprivileged);
    out.member<"tags">(spec.tags);
}

inline void write_members(json_writer& out, const reported_guest& guest)
{
    out.member<"vmid">(guest.id);
    out.member<"name">(guest.name);
    out.member<"status">(text_of(guest.status));
    out.member<"template">(guest.is_template);
    out.member<"lock">(guest.lock);
    out.member<"metrics">(guest.metrics);
    if (guest.spec) {
        out.member<"spec">(*guest.spec);
    }
    out.member<"spec_error">(guest.spec_error);
}

inline void write_members(json_writer& out, const reported_vm& machine)
{
    out.member<"vmid">(machine.id);
    out.member<"name">(machine.name);
    out.member<"status">(text_of(machine.status));
}

} // namespace felhom::hub
