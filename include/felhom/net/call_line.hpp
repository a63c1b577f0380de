// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace felhom::net {

enum class http_method { get, post, put, del };

inline constexpr auto http_method_words =
    enum_table{std::array{enum_word{http_method::get, "GET"}, enum_word{http_method::post, "POST"},
                          enum_word{http_method::put, "PUT"}, enum_word{http_method::del, "DELETE"}}};

[[nodiscard]] constexpr auto name_of(http_method method) -> std::string_view
{
    return http_method_words.text_of(method);
}

/// Which call was made: what its errors and the log name it by.
struct call_line {
    http_method method;
    std::string path; ///< without the query; of a Proxmox VE API, what follows /api2/json

    friend auto operator==(const call_line&, const call_line&) -> bool = default;
};

/// "GET /nodes/pve1/lxc".
[[nodiscard]] inline auto describe(const call_line& call) -> std::string
{
    return std::string{name_of(call.method)} + " " + call.path;
}

/// "GET /nodes/pve1/lxc: ", where the call is known; empty where it is not.
[[nodiscard]] inline auto prefix_of(const std::optional<call_line>& call) -> std::string
{
    return call ? describe(*call) + ": " : "";
}

} // namespace felhom::net
