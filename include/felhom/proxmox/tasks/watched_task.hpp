// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/steady_instant.hpp>
#include <felhom/proxmox/api/read.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/tasks/task_hint.hpp>
#include <felhom/proxmox/tasks/task_question.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace felhom::proxmox {

/// A task that is waited for, with what is known of it so far.
struct watched_task {
    upid task;
    steady_instant added;
    steady_instant deadline;
    steady_instant last_asked;
    std::uint32_t rounds = 0;
    std::uint32_t odd_answers = 0;
    bool near_end = false;       ///< a list suggests that it has ended
    std::uint32_t premature = 0; ///< so often it was asked about for that, and was still running
    std::optional<steady_instant> follow_up = std::nullopt; ///< when it is asked about by itself, between the rounds
    std::optional<task_hint> seen = std::nullopt;
    std::optional<task_error> failure = std::nullopt; ///< known, and waiting for its log
    std::uint64_t log_start = 0;

    /// Whether it is asked about by itself now, in a round or between two.
    [[nodiscard]] auto wants_to_be_asked(steady_instant now, bool in_round) const -> bool
    {
        return deadline <= now || (in_round && (failure || near_end)) || is_followed_up(now);
    }

    [[nodiscard]] auto is_followed_up(steady_instant now) const -> bool { return follow_up && *follow_up <= now; }

    /// Something suggests that it has ended. That is followed up at once the first time; then the suspicion is stale.
    void suspect(steady_instant now)
    {
        if (!near_end) {
            follow_up = now;
        }
        near_end = true;
    }

    /// Its guest shows that it works now: what was suspected before was that it had not begun.
    void begins()
    {
        near_end = false;
        premature = 0;
        follow_up.reset();
    }

    /// Its status says that it runs. A guest is a little ahead of its task, so what was suspected is asked again soon,
    /// each time after twice as long.
    void runs_on(steady_instant now)
    {
        static constexpr auto first_pause = std::chrono::milliseconds{250};
        static constexpr auto most_doublings = 12U;
        if (near_end) {
            follow_up = now + first_pause * (1U << std::min(premature++, most_doublings));
        }
    }

    /// What to ask about it next: its status, or when that is known to be a failure, its log.
    [[nodiscard]] auto question(steady_instant now) -> task_question
    {
        static constexpr auto log_page = std::uint32_t{500};
        last_asked = now;
        follow_up.reset();
        if (failure) {
            return {task_question::log{task, read::task_log(task, log_start, log_page)}};
        }
        return {task_question::status{task, read::task_status(task)}};
    }
};

} // namespace felhom::proxmox
