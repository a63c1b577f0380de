// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/node_io.hpp"
#include "sim/node/demo_world.hpp"
#include "sim/node/node.hpp"

#include <felhom/core/instant.hpp>
#include <felhom/proxmox/api/exchange.hpp>
#include <felhom/proxmox/api/mutate.hpp>
#include <felhom/proxmox/api/mutation_reply.hpp>
#include <felhom/proxmox/api/reply.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::testing {

[[nodiscard]] inline auto real_time() -> instant
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// A simulated node that any number of threads may ask, and whose time is the real one: its work is made short.
class live_node {
public:
    static constexpr auto first_guest = sim::guest_id{300};

    /// With so many stopped guests from `first_guest` on.
    explicit live_node(sim::guest_id guests = 1) : node_{sim::demo_world(real_time())}
    {
        for (auto id = first_guest; id < first_guest + guests; ++id) {
            sim::add_guest(node_, id,
                           "arch: amd64\nmemory: 64\nostype: debian\nrootfs: local-zfs:subvol-" + std::to_string(id)
                               + "-disk-0,size=1G\n");
        }
        node_.settings.takes.start = std::chrono::milliseconds{10};
        node_.settings.takes.stop = std::chrono::milliseconds{10};
    }

    /// Called with each request before it is answered, by the thread that makes it. To be set before any of them runs.
    std::function<void(const proxmox::request&)> on_call = [](const proxmox::request&) {};

    template <typename Use>
    auto with_node(const Use& use)
    {
        const auto hold = std::lock_guard{mutex_};
        return use(node_);
    }

    /// How often somebody asked something, and how many did so at the same time at most.
    [[nodiscard]] auto rounds() -> std::size_t
    {
        const auto hold = std::lock_guard{mutex_};
        return rounds_;
    }
    [[nodiscard]] auto most_at_once() -> std::size_t
    {
        const auto hold = std::lock_guard{mutex_};
        return most_at_once_;
    }

    /// Somebody sets the agent's wall clock, forward or back.
    void step_clock(std::chrono::milliseconds by) { clock_set_ += by.count(); }

    /// Begins a task of a guest; throws where the node starts none.
    [[nodiscard]] auto begin(const proxmox::request& call) -> proxmox::upid
    {
        const auto reply = proxmox::understand_mutation(send(call));
        const auto* const task = reply ? std::get_if<proxmox::upid>(&*reply) : nullptr;
        if (task == nullptr) {
            throw std::runtime_error{"no task was begun: " + call.target()};
        }
        return *task;
    }

    /// The capabilities that an agent gets. They refer to this object.
    [[nodiscard]] auto view() -> agent::node_io
    {
        return {.exchange = [this](const std::vector<proxmox::request>& calls) { return exchange(calls); },
                .now = [this] { return real_time() + std::chrono::milliseconds{clock_set_.load()}; },
                .sleep_for = [](std::chrono::milliseconds pause) { std::this_thread::sleep_for(pause); }};
    }

private:
    [[nodiscard]] auto exchange(const std::vector<proxmox::request>& calls) -> std::vector<net::exchanged>
    {
        {
            const auto hold = std::lock_guard{mutex_};
            ++rounds_;
            most_at_once_ = std::max(most_at_once_, ++at_once_);
        }
        auto answers = std::vector<net::exchanged>{};
        for (const auto& call : calls) {
            on_call(call);
            answers.push_back(send(call));
        }
        const auto hold = std::lock_guard{mutex_};
        --at_once_;
        return answers;
    }

    [[nodiscard]] auto send(const proxmox::request& call) -> net::exchanged
    {
        static const auto authorization =
            "PVEAPIToken=" + std::string{sim::demo_tokens::agent} + "=" + sim::demo_tokens::agent_secret;
        const auto hold = std::lock_guard{mutex_};
        last_ = std::max(last_, real_time());
        node_.advance(last_);
        auto answer = node_.handle(
            {.method = std::string{net::name_of(call.method())},
             .target = "/api2/json" + call.target(),
             .headers = {{"Authorization", authorization}, {"Content-Type", "application/x-www-form-urlencoded"}},
             .body = call.form()},
            last_);
        if (answer.dropped) {
            return proxmox::answer_to(
                call, tl::unexpected(net::transport_error{
                          .what = net::transport_error::kind::interrupted, .maybe_sent = true, .detail = "dropped"}));
        }
        return proxmox::answer_to(
            call,
            net::response{.status = answer.status, .reason = std::move(answer.reason), .body = std::move(answer.body)});
    }

    std::atomic<std::chrono::milliseconds::rep> clock_set_ = 0;
    std::mutex mutex_;
    sim::node node_;
    instant last_{}; ///< the node's time must not run backwards, as the real one may
    std::size_t rounds_ = 0;
    std::size_t at_once_ = 0;
    std::size_t most_at_once_ = 0;
};

} // namespace felhom::testing
