// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/proxmox/model/guest_summary.hpp>
#include <felhom/proxmox/model/pending.hpp>
#include <felhom/proxmox/model/snapshot_name.hpp>

#include <optional>
#include <utility>

namespace felhom::proxmox {

/// A snapshot that this very run made for its self-test: the proof that rolling back to it and deleting it harm nobody.
class created_snapshot {
public:
    [[nodiscard]] auto node() const -> const node_name& { return node_; }
    [[nodiscard]] auto guest() const -> vmid { return guest_; }
    [[nodiscard]] auto name() const -> const snapshot_name& { return name_; }

private:
    friend class snapshot_in_progress;

    created_snapshot(node_name node, vmid guest, snapshot_name name)
        : node_{std::move(node)}, guest_{guest}, name_{std::move(name)}
    {
    }

    node_name node_;
    vmid guest_;
    snapshot_name name_;
};

/// Such a snapshot on a guest that stands still and that nobody has changed since it was last looked at: what a
/// rollback would take away is only what this run did.
class untouched_snapshot {
public:
    /// `before` is the guest's digest after the last step of this run; the reads are made now.
    [[nodiscard]] static auto check(const created_snapshot& made, const config_digest& before, const guest_status& now,
                                    const pending_config& config) -> std::optional<untouched_snapshot>
    {
        const auto still = now.summary.id == made.guest() && now.summary.power == power_state::stopped
                           && config.digest == before.text();
        return still ? std::optional{untouched_snapshot{made}} : std::nullopt;
    }

    untouched_snapshot(const untouched_snapshot&) = delete;
    auto operator=(const untouched_snapshot&) -> untouched_snapshot& = delete;
    untouched_snapshot(untouched_snapshot&&) = default;
    auto operator=(untouched_snapshot&&) -> untouched_snapshot& = default;
    ~untouched_snapshot() = default;

    /// The snapshot, once: whoever wants it again has to look again.
    [[nodiscard]] auto given_up() && -> created_snapshot { return std::move(made_); }

private:
    explicit untouched_snapshot(created_snapshot made) : made_{std::move(made)} {}

    created_snapshot made_;
};

} // namespace felhom::proxmox
