// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/loopback_address.hpp>

#include <sys/types.h>
#include <tl/expected.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace felhom::io {

struct served_request {
    std::string method;
    std::string target;
    std::string body;
    std::optional<::uid_t> peer; ///< who asks, where the connection tells
};

struct served_answer {
    int status = 200;
    std::string type = "application/json"; ///< of the body
    std::string body;
};

/// HTTP for this machine alone, in a thread of its own: over a Unix socket, which tells who asks, and on a loopback
/// address, which does not.
class http_server {
public:
    /// Answers one request: once, from any thread, at any time; after the server has ended it does nothing.
    using respond = std::function<void(served_answer)>;

    /// Is called in the server's thread.
    using handler = std::function<void(served_request, respond)>;

    http_server();
    http_server(const http_server&) = delete;
    http_server(http_server&&) = delete;
    auto operator=(const http_server&) -> http_server& = delete;
    auto operator=(http_server&&) -> http_server& = delete;
    ~http_server();

    /// Serves at a Unix socket that only its owner may open; whoever is neither the user of this process nor root is
    /// sent away (unix(7), SO_PEERCRED). A socket that nobody serves any more is replaced, one that somebody serves is
    /// an error. Errors are one line.
    [[nodiscard]] auto serve_socket(const std::string& path, handler answers) -> tl::expected<void, std::string>;

    /// Serves at a loopback address, reading no bodies; answers the port, which is chosen where 0 is asked for.
    [[nodiscard]] auto serve_loopback(const loopback_address& at, handler answers)
        -> tl::expected<std::uint16_t, std::string>;

private:
    class engine;
    std::unique_ptr<engine> engine_;
};

} // namespace felhom::io
