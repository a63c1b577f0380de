#pragma once

#include <felhom/proxmox/call_line.hpp>
#include <felhom/proxmox/request.hpp>

#include <tl/expected.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace felhom::proxmox {

/// What came back over HTTP, not yet understood.
struct response {
    int status;
    std::string reason; ///< the HTTP reason phrase: PVE puts its error message there
    std::string body;
    std::optional<call_line> to = std::nullopt; ///< the call that it answers

    friend auto operator==(const response&, const response&) -> bool = default;
};

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

using exchanged = tl::expected<response, transport_error>;

/// What came of a call, with the call's name on it, so that whatever is wrong with it says where.
[[nodiscard]] inline auto answer_to(const request& call, exchanged answer) -> exchanged
{
    (answer ? answer->to : answer.error().to) = line_of(call);
    return answer;
}

/// The capability to talk to one Proxmox VE API: sends every request, several at once where it can, and answers in the
/// order of the requests, each answer with the name of its call (answer_to).
using exchange = std::function<std::vector<exchanged>(const std::vector<request>&)>;

} // namespace felhom::proxmox
