// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/net/https_client.hpp"

#include <felhom/net/endpoint.hpp>
#include <felhom/net/trust.hpp>
#include <felhom/proxmox/api/api_token.hpp>
#include <felhom/proxmox/api/exchange.hpp>

#include <memory>
#include <vector>

namespace felhom::io {

/// A Proxmox VE API over HTTPS: a proxmox::exchange. Copies share one client and its connections. Where an answer
/// repeats the token's secret, it is taken out: what a node says goes into the journal, and to the hub.
class api_client {
public:
    api_client(const net::endpoint& api, net::trust trust, const proxmox::api_token& token,
               const https_limits& limits = {}, call_observer on_answer = {});

    [[nodiscard]] auto operator()(const std::vector<proxmox::request>& requests) const -> std::vector<net::exchanged>;

    /// Ends all calls, those to come as well: none of them is sent. From any thread, and for all copies.
    void close() const { https_->close(); }

private:
    std::shared_ptr<https_client> https_;
    secret token_secret_;
};

} // namespace felhom::io
