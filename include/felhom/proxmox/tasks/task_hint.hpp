// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace felhom::proxmox {

/// How a task's guest was when it was last looked at; a guest that is gone, or none at all, has no power.
struct task_hint {
    std::optional<power_state> power = std::nullopt;
    std::optional<std::string> lock = std::nullopt;

    friend auto operator==(const task_hint&, const task_hint&) -> bool = default;
};

[[nodiscard]] inline auto sight(const upid& task, const std::vector<guest_summary>& guests) -> task_hint
{
    const auto found =
        std::ranges::find_if(guests, [&](const guest_summary& guest) { return guest.id.text() == task.id(); });
    return found == guests.end() ? task_hint{} : task_hint{.power = found->power, .lock = found->lock};
}

/// Whether the guest looks as if the task had just begun its work: tasks that do not start or stop a guest hold its
/// lock, one that destroys it too (pve-container, set_lock).
[[nodiscard]] inline auto suggests_begin(const upid& task, const std::optional<task_hint>& before, const task_hint& now)
    -> bool
{
    const auto type = std::string_view{task.type()};
    const auto locks = type != "vzstart" && type != "vzshutdown" && type != "vzstop";
    return locks && now.lock && before && !before->lock;
}

/// Whether a guest that looks so suggests that the task has ended, or is about to: it is as tasks of that type leave
/// it, or not as it was before. No proof of either; a reason to ask. A guest without a lock has none of those at work
/// that hold one.
[[nodiscard]] inline auto suggests_end(const upid& task, const std::optional<task_hint>& before, const task_hint& now)
    -> bool
{
    const auto type = std::string_view{task.type()};
    if (before && *before != now) {
        return true;
    }
    if (type == "vzstart") {
        return now.power == power_state::running;
    }
    if (type == "vzshutdown" || type == "vzstop") {
        return now.power == power_state::stopped;
    }
    return !now.lock;
}

} // namespace felhom::proxmox
