// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/model/snapshot_list.hpp>
#include <felhom/proxmox/model/snapshot_name.hpp>
#include <felhom/proxmox/tasks/task_status.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace felhom::operate {
class selftest_leftovers; // reads in the journal what a self-test began
} // namespace felhom::operate

namespace felhom::proxmox {

/// A snapshot that a self-test of ours made under a random name, as the journal has it: begun by it, with that task,
/// and seen to succeed.
class recorded_snapshot {
public:
    [[nodiscard]] auto guest() const -> vmid { return guest_; }
    [[nodiscard]] auto name() const -> const snapshot_name& { return name_; }
    [[nodiscard]] auto task() const -> const upid& { return task_; }

    friend auto operator==(const recorded_snapshot&, const recorded_snapshot&) -> bool = default;

private:
    friend class operate::selftest_leftovers;

    recorded_snapshot(vmid guest, snapshot_name name, upid task)
        : guest_{guest}, name_{std::move(name)}, task_{std::move(task)}
    {
    }

    vmid guest_;
    snapshot_name name_;
    upid task_;
};

/// Such a snapshot, left behind by a self-test that was killed: the proof that deleting it harms nobody. The journal
/// and the node say the same of it, each by itself.
class left_snapshot {
public:
    /// Why it is not proven, where it is not.
    [[nodiscard]] static auto prove(const recorded_snapshot& ours, const std::vector<listed_task>& tasks,
                                    const snapshot_list& now) -> tl::expected<left_snapshot, std::string>
    {
        const auto task = std::ranges::find(tasks, ours.task(), &listed_task::id);
        const auto ended = task == tasks.end() ? std::nullopt : task->ended;
        if (!ended || task->exit_status != "OK") {
            return tl::unexpected("the node no longer shows its task " + ours.task().text() + " as ended well");
        }
        const auto found = std::ranges::find(now.snapshots, ours.name().text(), &snapshot::name);
        if (found == now.snapshots.end()) {
            return tl::unexpected(std::string{"it is not there"});
        }
        const auto taken = found->taken;
        if (!taken || *taken < ours.task().started() || *taken > *ended) {
            return tl::unexpected(std::string{"it was not taken while its task ran: it is another of that name"});
        }
        if (found->unfinished) {
            return tl::unexpected(std::string{"it is incomplete"});
        }
        if (contains(now.snapshots, found->name, &snapshot::parent)) {
            return tl::unexpected(std::string{"other snapshots were built on it"});
        }
        return left_snapshot{ours};
    }

    [[nodiscard]] auto node() const -> const node_name& { return ours_.task().node(); }
    [[nodiscard]] auto guest() const -> vmid { return ours_.guest(); }
    [[nodiscard]] auto name() const -> const snapshot_name& { return ours_.name(); }

private:
    explicit left_snapshot(recorded_snapshot ours) : ours_{std::move(ours)} {}

    recorded_snapshot ours_;
};

} // namespace felhom::proxmox
