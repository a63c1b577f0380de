// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/hex.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/net/response.hpp>
#include <felhom/proxmox/api/mutate.hpp>
#include <felhom/proxmox/api/mutation_reply.hpp>
#include <felhom/proxmox/api/request.hpp>
#include <felhom/proxmox/errors/decode_error.hpp>
#include <felhom/proxmox/errors/error.hpp>
#include <felhom/proxmox/model/created_snapshot.hpp>
#include <felhom/proxmox/model/snapshot_name.hpp>
#include <felhom/proxmox/tasks/task_outcome.hpp>
#include <felhom/proxmox/tasks/upid.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace felhom::proxmox {

/// The task that makes such a snapshot, begun by the request of a selftest_snapshot.
class snapshot_in_progress {
public:
    [[nodiscard]] auto task() const -> const upid& { return task_; }

    /// The snapshot, if this is how its own task ended and it ended well.
    [[nodiscard]] auto finished(const finished_task& end) && -> std::optional<created_snapshot>
    {
        if (end.task() != task_ || !is_success(end.outcome())) {
            return std::nullopt;
        }
        return std::move(made_);
    }

private:
    friend class selftest_snapshot;

    snapshot_in_progress(upid task, node_name node, vmid guest, snapshot_name name)
        : task_{std::move(task)}, made_{std::move(node), guest, std::move(name)}
    {
    }

    upid task_;
    created_snapshot made_;
};

/// A snapshot that is about to be made, under a name that nobody has used.
class selftest_snapshot {
public:
    static constexpr auto prefix = std::string_view{"felhom-selftest-"};

    /// `random` must come from the system's source of randomness: the name it makes must not exist yet.
    [[nodiscard]] static auto with_random_name(node_name node, vmid guest, std::uint64_t random) -> selftest_snapshot
    {
        auto text = std::string{prefix};
        for (auto shift = 64U; shift > 0; shift -= 8U) {
            append_hex(text, static_cast<unsigned char>(random >> (shift - 8U) & 0xffU));
        }
        return {std::move(node), guest, *snapshot_name::parse(text)}; // 32 letters, digits and hyphens
    }

    [[nodiscard]] auto name() const -> const snapshot_name& { return name_; }

    [[nodiscard]] auto request() const -> proxmox::request
    {
        return mutate::snapshot(node_, guest_, name_, "made by felhom's self-test, and deleted by it");
    }

    /// The task, as the answer to the request above names it. An answer that names another kind of task, or another
    /// guest's, is none.
    [[nodiscard]] auto begun(const net::exchanged& answer) && -> tl::expected<snapshot_in_progress, call_error>
    {
        auto reply = understand_mutation(answer);
        if (!reply) {
            return tl::unexpected(std::move(reply).error());
        }
        const auto* const task = std::get_if<upid>(&*reply);
        if (task == nullptr || task->type() != "vzsnapshot" || task->id() != guest_.text() || task->node() != node_) {
            return tl::unexpected<call_error>{decode_error{
                .path = "$.data",
                .expected = "the UPID of a vzsnapshot task of guest " + guest_.text(),
                .got = task == nullptr ? "none" : task->text(),
            }};
        }
        return snapshot_in_progress{*task, std::move(node_), guest_, std::move(name_)};
    }

private:
    selftest_snapshot(node_name node, vmid guest, snapshot_name name)
        : node_{std::move(node)}, guest_{guest}, name_{std::move(name)}
    {
    }

    node_name node_;
    vmid guest_;
    snapshot_name name_;
};

} // namespace felhom::proxmox
