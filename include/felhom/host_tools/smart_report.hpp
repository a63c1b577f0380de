// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What smartctl read from one disk. A figure is nothing where the disk does not tell it, or not so that it is
// understood.
namespace felhom::host_tools {

enum class disk_health : std::uint8_t { passed, failed, unknown };

/// One line of an ATA disk's table. The raw value is what the maker says it is. smartctl leaves out what is not valid:
/// a threshold that could not be read, the value and the worst one of an attribute that has none (ataprint.cpp).
struct smart_attribute {
    std::uint8_t id;
    std::optional<std::string> name;
    std::optional<std::uint8_t> value;
    std::optional<std::uint8_t> worst;
    std::optional<std::uint8_t> threshold;
    std::optional<std::uint64_t> raw;

    friend auto operator==(const smart_attribute&, const smart_attribute&) -> bool = default;
};

/// What an NVMe disk says of itself.
struct nvme_log {
    std::optional<std::uint8_t> critical_warning;
    std::optional<std::uint8_t> available_spare; ///< per cent
    std::optional<std::uint8_t> percentage_used; ///< may exceed 100
    std::optional<std::uint64_t> media_errors;

    friend auto operator==(const nvme_log&, const nvme_log&) -> bool = default;
};

/// What a SAS disk counts.
struct scsi_log {
    std::optional<std::uint64_t> grown_defects; ///< sectors that went bad since it left its maker
    std::optional<std::uint64_t> uncorrected_read_errors;
    std::optional<std::uint64_t> uncorrected_write_errors;
    std::optional<std::uint64_t> uncorrected_verify_errors;

    friend auto operator==(const scsi_log&, const scsi_log&) -> bool = default;
};

struct smart_report {
    std::optional<std::string> model;
    std::optional<std::string> serial;
    disk_health health = disk_health::unknown;
    std::optional<int> celsius;
    std::optional<std::uint64_t> power_on_hours;
    std::vector<smart_attribute> attributes; ///< of an ATA disk
    std::optional<nvme_log> nvme;
    std::optional<scsi_log> scsi = std::nullopt;
    std::vector<std::string> warnings = {}; ///< beside the health, in words
    std::vector<json_error> unread = {};    ///< what was there and not understood

    friend auto operator==(const smart_report&, const smart_report&) -> bool = default;
};

} // namespace felhom::host_tools
