// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace felhom::sim {

struct http_header {
    std::string name;
    std::string value;

    friend auto operator==(const http_header&, const http_header&) -> bool = default;
};

/// The value of the first header of that name, in any case.
[[nodiscard]] inline auto find_header(const std::vector<http_header>& headers, std::string_view name)
    -> std::optional<std::string_view>
{
    for (const auto& header : headers) {
        if (ascii::to_lower(header.name) == ascii::to_lower(name)) {
            return header.value;
        }
    }
    return std::nullopt;
}

/// A request as it arrived: the target with its query, percent-encoded.
struct http_request {
    std::string method;
    std::string target;
    std::vector<http_header> headers = {};
    std::string body = {};

    friend auto operator==(const http_request&, const http_request&) -> bool = default;
};

/// What the node answers, and how: all headers in order, Content-Length included where PVE sends one.
struct http_response {
    int status = 200;
    std::string reason = "OK";
    std::vector<http_header> headers = {};
    std::string body = {};
    std::chrono::milliseconds delay{}; ///< the node keeps the caller waiting that long
    bool dropped = false;              ///< no answer at all: the connection is closed
    bool closes = false;               ///< the connection ends after this answer

    friend auto operator==(const http_response&, const http_response&) -> bool = default;
};

} // namespace felhom::sim
