#pragma once

#include <felhom/core/hex.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/config_digest.hpp>
#include <felhom/proxmox/exchange.hpp>
#include <felhom/proxmox/guest_summary.hpp>
#include <felhom/proxmox/mutate.hpp>
#include <felhom/proxmox/mutation_reply.hpp>
#include <felhom/proxmox/pending.hpp>
#include <felhom/proxmox/reply.hpp>
#include <felhom/proxmox/request.hpp>
#include <felhom/proxmox/snapshot_name.hpp>
#include <felhom/proxmox/task_outcome.hpp>
#include <felhom/proxmox/upid.hpp>

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

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
