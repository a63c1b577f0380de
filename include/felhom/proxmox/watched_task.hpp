#pragma once

#include <felhom/core/instant.hpp>
#include <felhom/proxmox/error.hpp>
#include <felhom/proxmox/read.hpp>
#include <felhom/proxmox/task_question.hpp>
#include <felhom/proxmox/task_sighting.hpp>
#include <felhom/proxmox/upid.hpp>

#include <cstdint>
#include <optional>

namespace felhom::proxmox {

/// A task that is waited for, with what is known of it so far.
struct watched_task {
    upid task;
    instant added;
    instant deadline;
    instant last_asked;
    std::uint32_t rounds = 0;
    std::uint32_t odd_answers = 0;
    bool near_end = false; ///< a list suggests that it has ended
    bool urgent = false;   ///< to be asked about without a pause
    std::optional<task_sighting> seen = std::nullopt;
    std::optional<task_error> failure = std::nullopt; ///< known, and waiting for its log
    std::uint64_t log_start = 0;

    [[nodiscard]] auto wants_to_be_asked(instant now) const -> bool { return failure || near_end || deadline <= now; }

    /// Something suggests that it has ended. That is followed up at once the first time; then the suspicion is stale.
    void suspect()
    {
        urgent = urgent || !near_end;
        near_end = true;
    }

    /// What to ask about it next: its status, or when that is known to be a failure, its log.
    [[nodiscard]] auto question(instant now) -> task_question
    {
        static constexpr auto log_page = std::uint32_t{500};
        last_asked = now;
        urgent = false;
        if (failure) {
            return {task_question::log{task}, read::task_log(task, log_start, log_page)};
        }
        return {task_question::status{task}, read::task_status(task)};
    }
};

} // namespace felhom::proxmox
