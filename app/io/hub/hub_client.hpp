// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/net/https_client.hpp"

#include <felhom/core/secret.hpp>
#include <felhom/hub/hub_call.hpp>
#include <felhom/hub/hub_key.hpp>
#include <felhom/hub/hub_url.hpp>
#include <felhom/net/trust.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <variant>

namespace felhom::io {

/// How a hub proves that it is the one meant. There is no way not to ask for the proof.
using hub_trust = std::variant<net::system_roots, net::authorities>;

/// Is told of every call that has ended, and how long it took. The answer does not hold the key any more.
using hub_observer = std::function<void(const hub::hub_call&, const hub::hub_exchanged&, std::chrono::milliseconds)>;

/// Beyond these a call to the hub fails.
inline constexpr auto hub_limits =
    https_limits{.total = std::chrono::seconds{30}, .response_bytes = std::size_t{16} << 20U, .connections = 2};

/// The hub over HTTPS: a hub::hub_exchange, for any number of callers at once. Copies share one client and its
/// connections. Nothing that the hub sends brings the key back: where an answer repeats it, it is taken out.
class hub_client {
public:
    hub_client(const hub::hub_url& url, const hub_trust& trust, const hub::hub_key& key,
               const https_limits& limits = hub_limits, hub_observer on_answer = {});

    [[nodiscard]] auto operator()(const hub::hub_call& call) const -> hub::hub_exchanged;

    /// Ends the calls that are under way, without their answers. From any thread.
    void break_off() const { https_->break_off(); }

private:
    std::shared_ptr<https_client> https_;
    secret key_;
    hub_observer on_answer_;
};

} // namespace felhom::io
