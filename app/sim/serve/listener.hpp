// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/serve/certificate.hpp"
#include "sim/serve/http.hpp"

#include <felhom/core/instant.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace felhom::sim {

/// How a simulated server behaves. Tests shorten what takes long in reality.
struct server_settings {
    std::uint16_t port = 0; ///< 0: any free one
    std::function<instant()> clock = [] {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    };
    double delay_scale = 1.0; ///< of everything that an answer makes a caller wait for, the 3 s before 401 too
    std::chrono::milliseconds latency{}; ///< on top, for each request
    std::size_t most_in_flight = 0;      ///< requests served at once, the others wait; 0: any number
    std::size_t requests_per_connection = 100;
    std::chrono::milliseconds idle_timeout{5000};
    bool session_tickets = true;
};

/// What the server has seen.
struct server_counters {
    std::uint64_t connections = 0;
    std::uint64_t full_handshakes = 0;
    std::uint64_t resumed_handshakes = 0;
    std::uint64_t requests = 0;
    std::uint64_t bytes_received = 0; ///< of HTTP: request lines, headers and bodies as parsed
    std::uint64_t most_in_flight = 0;
};

/// Real HTTPS on 127.0.0.1, HTTP/1.1 over TLS 1.2 or 1.3, in front of whatever answers. It runs in a thread of its own
/// until it is destroyed.
class listener {
public:
    /// Is called in the listener's thread.
    using handler = std::function<http_response(const http_request&)>;

    listener(const own_certificate& certificate, handler answers, server_settings settings);
    ~listener();

    listener(const listener&) = delete;
    listener(listener&&) = delete;
    auto operator=(const listener&) -> listener& = delete;
    auto operator=(listener&&) -> listener& = delete;

    [[nodiscard]] auto port() const -> std::uint16_t;
    [[nodiscard]] auto url() const -> std::string; ///< "https://127.0.0.1:PORT"
    [[nodiscard]] auto counters() const -> server_counters;

    /// Ends all connections and the thread, and keeps the port; may be called more than once.
    void stop();
    /// Serves again after stop(), on the same port and with the same certificate.
    void start();

private:
    class server;
    std::unique_ptr<server> server_;
};

} // namespace felhom::sim
