#pragma once

#include <felhom/proxmox/request.hpp>

#include <string>
#include <string_view>

namespace felhom::proxmox {

/// Which call was made: what its errors and the log name it by.
struct call_line {
    http_method method;
    std::string path; ///< below /api2/json, without the query

    friend auto operator==(const call_line&, const call_line&) -> bool = default;
};

[[nodiscard]] constexpr auto name_of(http_method method) -> std::string_view
{
    switch (method) {
    case http_method::get:
        return "GET";
    case http_method::post:
        return "POST";
    case http_method::put:
        return "PUT";
    case http_method::del:
        return "DELETE";
    }
    return {};
}

[[nodiscard]] inline auto line_of(const request& call) -> call_line
{
    return {.method = call.method(), .path = call.target().substr(0, call.target().find('?'))};
}

/// "GET /nodes/pve1/lxc".
[[nodiscard]] inline auto describe(const call_line& call) -> std::string
{
    return std::string{name_of(call.method)} + " " + call.path;
}

} // namespace felhom::proxmox
