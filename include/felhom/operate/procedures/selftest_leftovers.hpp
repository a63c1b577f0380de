// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/ascii.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/operate/ledger.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/operation_record.hpp>
#include <felhom/proxmox/model/left_snapshot.hpp>
#include <felhom/proxmox/model/selftest_snapshot.hpp>
#include <felhom/proxmox/model/snapshot_name.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace felhom::operate {

/// A snapshot of a self-test that was not seen to be deleted.
struct selftest_leftover {
    operation_id id; ///< that made it
    vmid guest;
    proxmox::snapshot_name name;
    std::optional<proxmox::recorded_snapshot> ours = std::nullopt; ///< where the journal tells that it was made

    /// What a person types to delete it.
    [[nodiscard]] auto command() const -> std::string { return "pct delsnapshot " + guest.text() + " " + name.text(); }

    friend auto operator==(const selftest_leftover&, const selftest_leftover&) -> bool = default;
};

/// What a self-test that was killed left on the node, as far as the journal tells.
class selftest_leftovers {
public:
    /// The oldest first. A person who has deleted one by hand acknowledges the operation that made it.
    [[nodiscard]] static auto of(const ledger& known) -> std::vector<selftest_leftover>
    {
        auto left = std::vector<selftest_leftover>{};
        for (const auto& [id, made] : known.operations()) {
            const auto* const snapshot = snapshot_of<guest_snapshot>(made);
            if (snapshot != nullptr && may_be_there(made) && !was_deleted(*snapshot, made.guest, known)) {
                left.push_back({.id = id, .guest = made.guest, .name = *snapshot, .ours = recorded(*snapshot, made)});
            }
        }
        return left;
    }

private:
    /// The snapshot of a self-test's operation of that kind; null for another's.
    template <typename Operation>
    [[nodiscard]] static auto snapshot_of(const operation_state& state) -> const proxmox::snapshot_name*
    {
        const auto* const op = std::get_if<Operation>(&state.what);
        return op == nullptr || state.from != origin::selftest ? nullptr : &op->snapshot;
    }

    [[nodiscard]] static auto may_be_there(const operation_state& made) -> bool
    {
        return made.end && made.end->how != ending::failed && !made.acknowledged;
    }

    [[nodiscard]] static auto was_deleted(const proxmox::snapshot_name& snapshot, vmid guest, const ledger& known)
        -> bool
    {
        return std::ranges::any_of(known.operations(), [&](const auto& entry) {
            const auto& [id, state] = entry;
            const auto* const deleted = snapshot_of<guest_delete_snapshot>(state);
            return deleted != nullptr && *deleted == snapshot && state.guest == guest && state.end
                   && state.end->how == ending::succeeded;
        });
    }

    [[nodiscard]] static auto is_random(std::string_view name) -> bool
    {
        static constexpr auto prefix = proxmox::selftest_snapshot::prefix;
        static constexpr auto nibbles = std::size_t{16};
        return name.starts_with(prefix) && name.size() == prefix.size() + nibbles
               && std::ranges::all_of(name.substr(prefix.size()),
                                      [](char c) { return ascii::is_digit(c) || (c >= 'a' && c <= 'f'); });
    }

    [[nodiscard]] static auto recorded(const proxmox::snapshot_name& snapshot, const operation_state& made)
        -> std::optional<proxmox::recorded_snapshot>
    {
        const auto& task = made.task;
        const auto is_ours = is_random(snapshot.text()) && made.end->how == ending::succeeded && task
                             && task->type() == "vzsnapshot" && task->id() == made.guest.text();
        return is_ours ? std::optional{proxmox::recorded_snapshot{made.guest, snapshot, *task}} : std::nullopt;
    }
};

} // namespace felhom::operate
