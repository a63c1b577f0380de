// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/json/writer.hpp>
#include <felhom/hub/report/hardware_report.hpp>
#include <felhom/hub/report/sourced_json.hpp>

#include <array>
#include <string_view>

namespace felhom::host_tools {

inline void write_members(json_writer& out, const smart_attribute& attribute)
{
    out.member<"id">(attribute.id);
    out.member<"name">(attribute.name);
    out.member<"value">(attribute.value);
    out.member<"worst">(attribute.worst);
    out.member<"threshold">(attribute.threshold);
    out.member<"raw">(attribute.raw);
}

inline void write_members(json_writer& out, const nvme_log& log)
{
    out.member<"critical_warning">(log.critical_warning);
    out.member<"available_spare">(log.available_spare);
    out.member<"percentage_used">(log.percentage_used);
    out.member<"media_errors">(log.media_errors);
}

inline void write_members(json_writer& out, const scsi_log& log)
{
    out.member<"grown_defects">(log.grown_defects);
    out.member<"uncorrected_read_errors">(log.uncorrected_read_errors);
    out.member<"uncorrected_write_errors">(log.uncorrected_write_errors);
    out.member<"uncorrected_verify_errors">(log.uncorrected_verify_errors);
}

} // namespace felhom::host_tools

namespace felhom::hub {

inline constexpr auto disk_health_words = enum_table{std::array{
    enum_word{host_tools::disk_health::passed, "passed"}, enum_word{host_tools::disk_health::failed, "failed"},
    enum_word{host_tools::disk_health::unknown, "unknown"}}};

[[nodiscard]] constexpr auto text_of(host_tools::disk_health health) -> std::string_view
{
    return disk_health_words.text_of(health);
}

inline void write_members(json_writer& out, const reported_disk& disk)
{
    out.member<"device">(disk.device.text());
    out.member<"model">(disk.smart.model);
    out.member<"serial">(disk.smart.serial);
    out.member<"health">(text_of(disk.smart.health));
    out.member<"celsius">(disk.smart.celsius);
    out.member<"power_on_hours">(disk.smart.power_on_hours);
    out.member<"attributes">(disk.smart.attributes);
    out.member<"nvme">(disk.smart.nvme);
    out.member<"scsi">(disk.smart.scsi);
    out.member<"warnings">(disk.smart.warnings);
    out.member<"error">(disk.error);
}

inline void write_members(json_writer& out, const reported_temperature& read)
{
    out.member<"chip">(read.chip);
    out.member<"label">(read.label);
    out.member<"celsius">(read.celsius);
}

} // namespace felhom::hub
