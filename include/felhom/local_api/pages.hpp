// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/json/writer.hpp>
#include <felhom/local_api/agent_status.hpp>
#include <felhom/local_api/agent_status_json.hpp>
#include <felhom/local_api/agent_status_text.hpp>
#include <felhom/local_api/metrics.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What a running daemon can be asked on its own machine, and how it answers.
namespace felhom::local_api {

/// Over the Unix socket, where it is known who asks.
enum class socket_page : std::uint8_t { status, status_text, command, show_report, send_report };

/// On the loopback address, where anybody on this machine may ask.
enum class open_page : std::uint8_t { metrics, health };

inline constexpr auto status_target = std::string_view{"/status"};
inline constexpr auto status_text_target = std::string_view{"/status.txt"};
inline constexpr auto command_target = std::string_view{"/command"};
inline constexpr auto report_target = std::string_view{"/report"}; ///< a GET makes a report, a POST sends it, too

[[nodiscard]] constexpr auto find_socket_page(std::string_view method, std::string_view target)
    -> std::optional<socket_page>
{
    if (method == "POST") {
        return target == command_target  ? std::optional{socket_page::command}
               : target == report_target ? std::optional{socket_page::send_report}
                                         : std::nullopt;
    }
    if (method != "GET") {
        return std::nullopt;
    }
    if (target == status_target) {
        return socket_page::status;
    }
    if (target == report_target) {
        return socket_page::show_report;
    }
    return target == status_text_target ? std::optional{socket_page::status_text} : std::nullopt;
}

[[nodiscard]] constexpr auto find_open_page(std::string_view method, std::string_view target)
    -> std::optional<open_page>
{
    if (method != "GET") {
        return std::nullopt;
    }
    if (target == "/metrics") {
        return open_page::metrics;
    }
    return target == "/healthz" ? std::optional{open_page::health} : std::nullopt;
}

/// An answer over HTTP.
struct page_text {
    int status;
    std::string_view type;
    std::string body;

    friend auto operator==(const page_text&, const page_text&) -> bool = default;
};

inline constexpr auto plain_text = std::string_view{"text/plain; charset=utf-8"};

inline constexpr auto json_type = std::string_view{"application/json"};

/// 503: the agent is unhealthy, as it says itself.
[[nodiscard]] inline auto write_page(bool as_json, const agent_status& status) -> page_text
{
    return {.status = unhealthy_reason(status) ? 503 : 200,
            .type = as_json ? json_type : plain_text,
            .body = as_json ? json_text(to_json(status)) : to_text(status)};
}

[[nodiscard]] inline auto write_page(open_page page, const agent_status& status) -> page_text
{
    switch (page) {
    case open_page::metrics:
        return {.status = 200, .type = metrics_type, .body = to_metrics(status)};
    case open_page::health:
        break;
    }
    // What is wrong is the operator's to know; who may ask here is anybody.
    return unhealthy_reason(status) ? page_text{.status = 503, .type = plain_text, .body = "unhealthy\n"}
                                    : page_text{.status = 200, .type = plain_text, .body = "ok\n"};
}

} // namespace felhom::local_api
