// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/engine/node_io.hpp"

#include <felhom/authz/replay/replay_error.hpp>
#include <felhom/operate/lane_job.hpp>
#include <felhom/operate/ledger.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/operate/procedures/host_procedure.hpp>

#include <tl/expected.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace felhom::agent {

/// How whoever brings jobs waits for their ends.
struct lane_wait {
    std::optional<std::chrono::milliseconds> at_most = std::nullopt; ///< nothing: until all have ended
    std::function<void()> begins = [] {};                            ///< is called before the waiting
    std::function<void()> is_over = [] {};                           ///< and after it, by the same thread
    /// From another thread: a job ended that was not waited for any longer.
    std::function<void(const operate::lane_end&)> ended_later = [](const operate::lane_end&) {};
};

/// Everything that operations may do to the world. Tests hand in a simulated one, in which any step may be the last.
struct operation_io {
    node_io in;
    std::function<tl::expected<hash_chain::receipt, operate::not_recorded>(const operate::operation_record&)> append;
    std::function<tl::expected<hash_chain::receipt, authz::replay_error>(const operate::claim_nonce&)> claim;
    std::function<operate::operation_id()> draw_number;
    std::function<operate::ledger()> ledger;
    std::function<proxmox::finished_task(const operate::await_task&)> await_task;
    std::function<operate::host_switches()> look_around;
    /// Runs jobs through the guests' lanes, and returns when all have ended, or are no longer waited for.
    std::function<std::vector<operate::lane_end>(std::vector<operate::lane_job>)> in_lanes;
};

/// Performs one effect of a procedure.
struct effect_interpreter : reading_interpreter {
    explicit effect_interpreter(const operation_io& world) : reading_interpreter{world.in}, in{world} {}

    const operation_io& in;

    using reading_interpreter::operator();
    [[nodiscard]] auto operator()(const operate::send& wanted) const -> net::exchanged
    {
        return in.in.exchange({wanted.call}).front();
    }
    [[nodiscard]] auto operator()(const operate::send_once& wanted) const -> operate::send_once::answer
    {
        return wanted.perform(in.in.steady(),
                              [this](const proxmox::request& call) { return in.in.exchange({call}).front(); });
    }
    [[nodiscard]] auto operator()(const operate::await_task& wanted) const -> proxmox::finished_task
    {
        return in.await_task(wanted);
    }
    [[nodiscard]] auto operator()(const operate::read_clock& /*asked*/) const -> instant { return in.in.now(); }
    [[nodiscard]] auto operator()(const operate::read_steady_clock& /*asked*/) const -> steady_instant
    {
        return in.in.steady();
    }
    [[nodiscard]] auto operator()(const operate::draw_number& /*asked*/) const -> operate::operation_id
    {
        return in.draw_number();
    }
    [[nodiscard]] auto operator()(const operate::append& wanted) const
        -> tl::expected<hash_chain::receipt, operate::not_recorded>
    {
        return in.append(wanted.record);
    }
    [[nodiscard]] auto operator()(const operate::recall_tasks& wanted) const -> std::vector<operate::operation_task>
    {
        return in.ledger().tasks_on(wanted.guest);
    }
    [[nodiscard]] auto operator()(const operate::claim_nonce& wanted) const
        -> tl::expected<hash_chain::receipt, authz::replay_error>
    {
        return in.claim(wanted);
    }
    [[nodiscard]] auto operator()(const operate::look_around& /*asked*/) const -> operate::host_switches
    {
        return in.look_around();
    }
    [[nodiscard]] auto operator()(const operate::read_ledger& /*asked*/) const -> operate::ledger
    {
        return in.ledger();
    }
    [[nodiscard]] auto operator()(operate::run_in_lanes&& wanted) const -> std::vector<operate::lane_end>
    {
        return in.in_lanes(std::move(wanted).jobs);
    }
};

/// Runs a procedure to its end.
template <typename Effects, typename T>
[[nodiscard]] auto run(const operation_io& in, felhom::procedure<Effects, T> work) -> T
{
    return run(std::move(work), effect_interpreter{in});
}

/// The same, unless the agent stops before: then it is left where it is.
template <typename T, typename Stopping>
[[nodiscard]] auto run(const operation_io& in, operate::procedure<T> work, const Stopping& stopping) -> std::optional<T>
{
    while (work.pending() != nullptr) {
        if (stopping()) {
            return std::nullopt;
        }
        work.step(effect_interpreter{in});
    }
    return std::move(work).result();
}

} // namespace felhom::agent
