// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/clock_watch.hpp>
#include <felhom/core/json/document.hpp>
#include <felhom/core/json/error.hpp>
#include <felhom/core/json/object_reader.hpp>
#include <felhom/host_tools/systemctl.hpp>
#include <felhom/hub/report/sourced.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace felhom::hub {

/// What cloudflared's /ready says of its tunnel.
struct tunnel_readiness {
    bool ready;
    std::uint32_t connections;

    friend auto operator==(const tunnel_readiness&, const tunnel_readiness&) -> bool = default;
};

struct cloudflared_state {
    host_tools::unit_state status = host_tools::unit_state::unknown;
    std::optional<tunnel_readiness> tunnel = std::nullopt; ///< where a metrics address is configured

    friend auto operator==(const cloudflared_state&, const cloudflared_state&) -> bool = default;
};

/// Whether this host's clock follows another one; nothing when nobody could say.
struct clock_state {
    std::optional<bool> synchronized = std::nullopt;
    std::optional<clock_step> set = std::nullopt; ///< the last time that somebody set it while the agent ran

    friend auto operator==(const clock_state&, const clock_state&) -> bool = default;
};

/// The answer to GET /ready on cloudflared's metrics address: 200 only with a connection to the edge, 503 without
/// (cloudflared metrics/readiness.go). /healthcheck is no substitute: it is 200 when the tunnel is down.
[[nodiscard]] inline auto parse_readiness(int status, std::string_view body)
    -> tl::expected<tunnel_readiness, json_error>
{
    static constexpr auto ok = 200;
    static constexpr auto unavailable = 503;
    if (status != ok && status != unavailable) {
        return tl::unexpected<json_error>(
            json_type_error{.path = "the status of /ready", .expected = "200 or 503", .got = std::to_string(status)});
    }
    return read_json(body, {.bytes = std::size_t{64} << 10U}, [&](const json_node& root) {
        auto in = object_reader{root};
        const auto connections = in.integer<std::uint32_t>("readyConnections");
        return std::move(in).finish(
            tunnel_readiness{.ready = status == ok && connections > 0, .connections = connections});
    });
}

/// The service and, where it is asked for, its tunnel. What failed to be asked is unknown, and the error says why.
[[nodiscard]] inline auto report_cloudflared(const observed<host_tools::unit_state>& unit,
                                             const std::optional<observed<tunnel_readiness>>& tunnel)
    -> sourced<cloudflared_state>
{
    auto part = sourced<cloudflared_state>{.collected_at = unit.at};
    if (unit.result) {
        part.value.status = *unit.result;
    } else {
        part.error = unit.result.error();
    }
    if (!tunnel) {
        return part;
    }
    part.collected_at = std::min(part.collected_at, tunnel->at);
    if (tunnel->result) {
        part.value.tunnel = *tunnel->result;
    } else if (!part.error) {
        part.error = tunnel->result.error();
    }
    return part;
}

/// What adjtimex(2) says of the kernel's clock: what it returned, and the status it filled in.
[[nodiscard]] constexpr auto is_synchronized(int returned, int status) -> bool
{
    constexpr auto time_error = 5;        // TIME_ERROR of sys/timex.h
    constexpr auto unsynchronized = 0x40; // STA_UNSYNC
    return returned >= 0 && returned != time_error
           && (static_cast<unsigned>(status) & static_cast<unsigned>(unsynchronized)) == 0;
}

[[nodiscard]] inline auto report_clock(const observed<bool>& synchronized,
                                       const std::optional<clock_step>& set = std::nullopt) -> sourced<clock_state>
{
    auto part = sourced<clock_state>{.collected_at = synchronized.at};
    part.value.set = set;
    if (synchronized.result) {
        part.value.synchronized = *synchronized.result;
    } else {
        part.error = synchronized.result.error();
    }
    return part;
}

} // namespace felhom::hub
