// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/error.hpp>
#include <felhom/host_tools/sensor_events.hpp>
#include <felhom/host_tools/sensors.hpp>
#include <felhom/host_tools/smart.hpp>
#include <felhom/host_tools/smart_report.hpp>
#include <felhom/hub/report/sourced.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::hub {

/// A disk of this host. One that could not be asked is there all the same, and says why; so does one of which something
/// was not understood.
struct reported_disk {
    host_tools::disk_device device;
    host_tools::smart_report smart = {};
    std::optional<source_error> error = std::nullopt;

    friend auto operator==(const reported_disk&, const reported_disk&) -> bool = default;
};

struct reported_temperature {
    std::string chip;
    std::string label;
    std::optional<double> celsius;

    friend auto operator==(const reported_temperature&, const reported_temperature&) -> bool = default;
};

using disk_answers =
    std::vector<std::pair<host_tools::disk_device, tl::expected<host_tools::smart_report, host_tools::error>>>;

/// What a program wrote and what of it was not understood; nothing where all was. The first flaws speak for the others.
[[nodiscard]] inline auto source_error_of(std::string_view program, const std::vector<json_error>& unread)
    -> std::optional<source_error>
{
    static constexpr auto most = std::size_t{8};
    if (unread.empty()) {
        return std::nullopt;
    }
    auto detail = "the output of " + std::string{program} + ": ";
    const auto told = std::min(unread.size(), most);
    for (auto index = std::size_t{0}; index < told; ++index) {
        detail += (index == 0 ? "" : "; ") + describe(unread[index]);
    }
    if (unread.size() > told) {
        detail += "; and " + std::to_string(unread.size() - told) + " more";
    }
    return source_error{source_error::kind::unreadable, std::move(detail)};
}

/// The disks in the order in which they were asked.
[[nodiscard]] inline auto report_disks(const observed<disk_answers>& seen) -> sourced<std::vector<reported_disk>>
{
    auto part = sourced<std::vector<reported_disk>>{.collected_at = seen.at};
    if (!seen.result) {
        part.error = seen.result.error();
        return part;
    }
    for (const auto& [device, answer] : *seen.result) {
        auto disk = reported_disk{.device = device};
        if (answer) {
            disk.smart = *answer;
            disk.error = source_error_of(host_tools::smartctl::program, answer->unread);
        } else {
            disk.error = source_error_of(answer.error());
        }
        part.value.push_back(std::move(disk));
    }
    return part;
}

/// The temperatures of the host. A reading that no thermometer can have is a missing one: broken sensors say -273 or
/// 65261 (peers have shown both as temperatures).
[[nodiscard]] inline auto report_temperatures(const observed<host_tools::temperatures_read>& seen)
    -> sourced<std::vector<reported_temperature>>
{
    static constexpr auto coldest = -60.0;
    static constexpr auto hottest = 200.0;
    auto part = sourced<std::vector<reported_temperature>>{.collected_at = seen.at};
    if (!seen.result) {
        part.error = seen.result.error();
        return part;
    }
    part.error = source_error_of(host_tools::sensors::program, seen.result->unread);
    for (const auto& [chip, label, celsius] : seen.result->all) {
        const auto plausible = celsius >= coldest && celsius <= hottest;
        part.value.push_back(
            {.chip = chip, .label = label, .celsius = plausible ? std::optional{celsius} : std::nullopt});
    }
    return part;
}

} // namespace felhom::hub
