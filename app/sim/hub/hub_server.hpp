// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/hub/hub_store.hpp"
#include "sim/serve/listener.hpp"

#include <felhom/core/instant.hpp>

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

namespace felhom::sim {

/// A simulated hub behind real HTTPS on 127.0.0.1, in a thread of its own until it is destroyed. Its certificate is
/// made at start and serves as its own authority.
class hub_server {
public:
    explicit hub_server(hub_store served, server_settings settings = {});

    [[nodiscard]] auto url() const -> std::string { return listener_.url(); } ///< "https://127.0.0.1:PORT"
    [[nodiscard]] auto port() const -> std::uint16_t { return listener_.port(); }
    [[nodiscard]] auto certificate_pem() const -> const std::string& { return certificate_.certificate_pem; }
    [[nodiscard]] auto counters() const -> server_counters { return listener_.counters(); }

    /// Runs a function on the hub while no call is being carried out.
    void with_hub(const std::function<void(hub_store&)>& use);

    /// Ends all connections and the thread, and keeps the port; may be called more than once.
    void stop() { listener_.stop(); }
    /// Serves again after stop(), on the same port and with the same certificate.
    void start() { listener_.start(); }

private:
    own_certificate certificate_;
    std::function<instant()> clock_;
    std::mutex mutex_;
    hub_store hub_;
    listener listener_; ///< the last, since its thread uses the others
};

} // namespace felhom::sim
