// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/secret.hpp>
#include <felhom/net/trust.hpp>
#include <felhom/proxmox/api/exchange.hpp>
#include <felhom/proxmox/api/request.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace felhom::io {

/// Is given the lines of an answer's head, without their ends, on the client's own thread. A status line begins the
/// head anew: an interim answer or a repeated read may have come before it.
using head_reader = std::function<void(std::string_view line)>;

/// One HTTP request to a known server.
struct https_call {
    net::http_method method;
    std::string target; ///< path and query, from the server's root
    std::string body;
    std::vector<std::string> headers = {}; ///< whole lines, after those of the server
    head_reader on_head = {};
};

/// Beyond these a call fails.
struct https_limits {
    std::chrono::milliseconds connect{10'000}; ///< name, TCP and TLS together
    std::chrono::milliseconds total{60'000};   ///< one call, from its start to the last byte of its answer
    std::size_t response_bytes = std::size_t{32} << 20U;
    std::size_t header_bytes = std::size_t{64} << 10U;
    std::size_t connections = 4; ///< a PVE node has three workers, other users need some
};

/// Is told of every call that has ended, on the client's own thread, with how long it took.
using call_observer = std::function<void(const https_call&, const net::exchanged&, std::chrono::milliseconds)>;

/// A server and everything that all calls to it share.
struct https_server {
    std::string url; ///< scheme, host and port
    net::trust trust;
    std::vector<secret> headers; ///< whole lines, without their line ends
    https_limits limits;
    call_observer on_answer = {};
};

} // namespace felhom::io
