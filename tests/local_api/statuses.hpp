// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/local_api/agent_status.hpp>

#include <chrono>
#include <cstdint>
#include <utility>

namespace felhom::testing {

[[nodiscard]] inline auto guest(std::uint32_t number) -> vmid
{
    return vmid::from_number(number).value();
}

[[nodiscard]] inline auto at(std::string_view time) -> instant
{
    return parse_instant(time).value();
}

/// The third operation, on a guest, with a task.
[[nodiscard]] inline auto begun_on(vmid guest) -> local_api::operation_under_way
{
    return {.id = operate::operation_id{3},
            .guest = guest,
            .op = "guest.start",
            .started = at("2026-11-23T11:58:00Z"),
            .task = proxmox::upid::parse("UPID:pve1:0000C0DE:00AB12CD:6565A1B2:vzstart:" + guest.text()
                                         + ":felhom@pve!agent:")
                        .value()};
}

/// A daemon that is well: its last pass ended a minute ago.
[[nodiscard]] inline auto well() -> local_api::agent_status
{
    return {.agent_version = "0.1.0",
            .node = node_name::parse("pve1").value(),
            .process = 4711,
            .now = at("2026-11-23T12:00:00Z"),
            .started = at("2026-11-23T10:00:00Z"),
            .mode = local_api::working_mode::enforce,
            .interval = std::chrono::seconds{60},
            .passes = {.last_good = at("2026-11-23T11:59:00Z"),
                       .next = at("2026-11-23T12:00:20Z"),
                       .desired = hub::desired_status{.source = "file", .generation = 7, .refused = {}},
                       .drift =
                           hub::drift_summary{.in_sync = 3,
                                              .held = 1,
                                              .guests = {{guest(104), hub::drift_state::held, {"needs a signature"}}}}},
            .without_pass = std::chrono::seconds{60}};
}

} // namespace felhom::testing
