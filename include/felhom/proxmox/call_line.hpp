#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/proxmox/request.hpp>

#include <array>
#include <string>
#include <string_view>

namespace felhom::proxmox {

/// Which call was made: what its errors and the log name it by.
struct call_line {
    http_method method;
    std::string path; ///< below /api2/json, without the query

    friend auto operator==(const call_line&, const call_line&) -> bool = default;
};

inline constexpr auto http_method_words =
    enum_table{std::array{enum_word{http_method::get, "GET"}, enum_word{http_method::post, "POST"},
                          enum_word{http_method::put, "PUT"}, enum_word{http_method::del, "DELETE"}}};

[[nodiscard]] constexpr auto name_of(http_method method) -> std::string_view
{
    return http_method_words.text_of(method);
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
