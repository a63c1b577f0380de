// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/core/log_event.hpp>
#include <felhom/core/steady_instant.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/proxmox/api/exchange.hpp>

#include <chrono>
#include <functional>
#include <random>
#include <utility>
#include <vector>

namespace felhom::agent {

using felhom::log_event;

[[nodiscard]] inline auto steady_clock_now() -> steady_instant
{
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now());
}

/// A share of 0..1; for any thread.
[[nodiscard]] inline auto random_share() -> double
{
    static thread_local auto random = std::minstd_rand{std::random_device{}()};
    return std::uniform_real_distribution{0.0, 1.0}(random);
}

/// What whoever asks the node may do to the world: talk to one Proxmox VE API, let time go by, and tell what happens.
/// Tests hand in a simulated node and a clock of their own.
struct node_io {
    proxmox::exchange exchange;
    std::function<instant()> now; ///< the wall clock; nothing is waited for by it
    std::function<void(std::chrono::milliseconds)> sleep_for;
    std::function<steady_instant()> steady = steady_clock_now;
    std::function<void(const log_event&)> tell = [](const log_event&) {};
    std::function<double()> jitter = random_share;
};

/// Performs what only asks the node.
struct reading_interpreter {
    const node_io& node;

    [[nodiscard]] auto operator()(const operate::read_node& wanted) const -> std::vector<net::exchanged>
    {
        if (wanted.failed_before > 0) {
            node.tell({.what = "reads repeated", .with = {{"reads", std::to_string(wanted.calls.size())}}});
        }
        return node.exchange(wanted.calls);
    }
    [[nodiscard]] auto operator()(const operate::sleep_for& wanted) const -> steady_instant
    {
        node.sleep_for(wanted.pause);
        return node.steady();
    }
    [[nodiscard]] auto operator()(const operate::draw_jitter& /*asked*/) const -> double { return node.jitter(); }
};

/// Performs all that a procedure asks for, to its end.
template <typename Effects, typename T, typename Interpreter>
[[nodiscard]] auto run(felhom::procedure<Effects, T> work, const Interpreter& perform) -> T
{
    while (work.pending() != nullptr) {
        work.step(perform);
    }
    return std::move(work).result();
}

/// The same of one that only asks the node.
template <typename T>
[[nodiscard]] auto run(const node_io& in, operate::reading<T> work) -> T
{
    return run(std::move(work), reading_interpreter{in});
}

} // namespace felhom::agent
