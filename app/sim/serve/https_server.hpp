// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/node/node.hpp"
#include "sim/serve/listener.hpp"

#include <felhom/core/instant.hpp>

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

namespace felhom::sim {

/// A simulated node behind real HTTPS on 127.0.0.1, with pveproxy's manners: HTTP/1.1 and TLS 1.2 or 1.3, a certificate
/// made at start, its own reason phrases, closing after every error, after 100 requests and after 5 s of silence. It
/// runs in a thread of its own until it is destroyed.
class https_server {
public:
    explicit https_server(node served, server_settings settings = {});

    [[nodiscard]] auto port() const -> std::uint16_t { return listener_.port(); }
    [[nodiscard]] auto url() const -> std::string { return listener_.url(); } ///< "https://127.0.0.1:PORT"
    [[nodiscard]] auto fingerprint() const -> const std::string& { return certificate_.fingerprint; }
    [[nodiscard]] auto certificate_pem() const -> const std::string& { return certificate_.certificate_pem; }
    [[nodiscard]] auto counters() const -> server_counters { return listener_.counters(); }

    /// Runs a function on the node while no request is being carried out.
    void with_node(const std::function<void(node&)>& use);

    /// Ends all connections and the thread, and keeps the port; may be called more than once.
    void stop() { listener_.stop(); }
    /// Serves again after stop(), on the same port and with the same certificate.
    void start() { listener_.start(); }

private:
    own_certificate certificate_;
    std::function<instant()> clock_;
    std::mutex mutex_;
    node node_;
    listener listener_; ///< the last, since its thread uses the others
};

} // namespace felhom::sim
