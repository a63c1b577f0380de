// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/net/call_line.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace felhom::net {

/// No complete HTTP response was had.
struct transport_error {
    enum class kind {
        unreachable, ///< name not found, connection refused, no route
        timeout,     ///< nothing came in time
        untrusted,   ///< the server's certificate is not the one that was configured
        interrupted, ///< the connection ended before the response did
        too_large,   ///< the response exceeds the size limit
        not_http,    ///< what came is not HTTP
    };

    kind what;
    bool maybe_sent;    ///< the request may have reached the server, and so may have taken effect
    std::string detail; ///< one line, without secrets
    std::optional<call_line> to = std::nullopt; ///< the call that it befell

    friend auto operator==(const transport_error&, const transport_error&) -> bool = default;
};

inline constexpr auto transport_error_words = enum_table{std::array{
    enum_word{transport_error::kind::unreachable, "the server cannot be reached"},
    enum_word{transport_error::kind::timeout, "no answer in time"},
    enum_word{transport_error::kind::untrusted, "the server's certificate is not trusted"},
    enum_word{transport_error::kind::interrupted, "the connection broke before the answer was complete"},
    enum_word{transport_error::kind::too_large, "the answer is too large"},
    enum_word{transport_error::kind::not_http, "the answer is not HTTP"},
}};

[[nodiscard]] inline auto describe(const transport_error& error) -> std::string
{
    static constexpr auto two_fingerprints = std::size_t{400};
    const auto changes = !error.to || error.to->method != http_method::get;
    return prefix_of(error.to) + std::string{transport_error_words.text_of(error.what)}
           + (error.detail.empty() ? "" : ": " + printable(error.detail, two_fingerprints))
           + (error.maybe_sent && changes ? " (the request may have taken effect)" : "");
}

} // namespace felhom::net
