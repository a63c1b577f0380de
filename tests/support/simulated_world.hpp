// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/node_io.hpp"
#include "sim/node/demo_world.hpp"
#include "sim/node/node.hpp"

#include <felhom/core/instant.hpp>
#include <felhom/proxmox/api/exchange.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::testing {

inline constexpr auto start_of_simulation = instant{std::chrono::milliseconds{1'795'000'000'000}};

/// A simulated node and a clock that only it moves: hours pass in no time, and nothing is random.
class simulated_world {
public:
    explicit simulated_world(sim::node node, std::string token = sim::demo_tokens::agent,
                             std::string value = sim::demo_tokens::agent_secret)
        : node_{std::move(node)}, authorization_{"PVEAPIToken=" + std::move(token) + "=" + std::move(value)},
          now_{std::max(node_.now(), start_of_simulation)}
    {
    }

    [[nodiscard]] auto node() -> sim::node& { return node_; }
    [[nodiscard]] auto now() const -> instant { return now_ + stepped_; }
    [[nodiscard]] auto steady() const -> steady_instant { return steady_instant{now_.time_since_epoch()}; }

    void sleep_until(instant when) { sleep_for(when - now()); }
    void sleep_for(std::chrono::milliseconds pause)
    {
        now_ += std::max(pause, std::chrono::milliseconds{0});
        node_.advance(now_);
    }

    /// Somebody sets the agent's wall clock, forward or back.
    void step_clock(std::chrono::milliseconds by) { stepped_ += by; }

    [[nodiscard]] auto send(const proxmox::request& call) -> net::exchanged
    {
        auto answer = node_.handle(
            {.method = std::string{net::name_of(call.method())},
             .target = "/api2/json" + call.target(),
             .headers = {{"Authorization", authorization_}, {"Content-Type", "application/x-www-form-urlencoded"}},
             .body = call.form()},
            now_);
        now_ += answer.delay;
        node_.advance(now_);
        if (answer.dropped) {
            return proxmox::answer_to(
                call, tl::unexpected(net::transport_error{
                          .what = net::transport_error::kind::interrupted, .maybe_sent = true, .detail = "dropped"}));
        }
        return proxmox::answer_to(
            call,
            net::response{.status = answer.status, .reason = std::move(answer.reason), .body = std::move(answer.body)});
    }

    /// The capabilities that a pass gets. They refer to this object.
    [[nodiscard]] auto view() -> agent::node_io
    {
        return {.exchange = [this](const std::vector<proxmox::request>& calls) { return send(calls); },
                .now = [this] { return now(); },
                .sleep_for = [this](std::chrono::milliseconds pause) { sleep_for(pause); },
                .steady = [this] { return steady(); },
                .jitter = [] { return 0.5; }};
    }

private:
    [[nodiscard]] auto send(const std::vector<proxmox::request>& calls) -> std::vector<net::exchanged>
    {
        auto answers = std::vector<net::exchanged>{};
        for (const auto& call : calls) {
            answers.push_back(send(call));
        }
        return answers;
    }

    sim::node node_;
    std::string authorization_;
    instant now_; ///< as the node has it, which nobody sets
    std::chrono::milliseconds stepped_{0};
};

} // namespace felhom::testing
