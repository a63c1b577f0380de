#pragma once

#include <felhom/operate/ledger.hpp>
#include <felhom/operate/operation_call.hpp>
#include <felhom/proxmox/created_snapshot.hpp>
#include <felhom/proxmox/left_snapshot.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace felhom::operate {

/// A snapshot of a self-test that was not seen to be deleted.
struct selftest_leftover {
    operation_id id; ///< that made it
    vmid guest;
    std::string name;
    std::optional<proxmox::recorded_snapshot> ours = std::nullopt; ///< where the journal tells that it was made

    /// What a person types to delete it.
    [[nodiscard]] auto command() const -> std::string { return "pct delsnapshot " + guest.text() + " " + name; }

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
            if (may_be_there(made) && !was_deleted(made, known)) {
                left.push_back({.id = id, .guest = made.guest, .name = name_in(made), .ours = recorded(made)});
            }
        }
        return left;
    }

private:
    [[nodiscard]] static auto name_in(const operation_state& state) -> std::string
    {
        return detail::text_of(state.call.params, "snapshot");
    }

    [[nodiscard]] static auto may_be_there(const operation_state& state) -> bool
    {
        return state.from == origin::selftest && state.call.op == "guest.snapshot" && state.end
               && state.end->how != ending::failed && !state.acknowledged;
    }

    [[nodiscard]] static auto was_deleted(const operation_state& made, const ledger& known) -> bool
    {
        return std::ranges::any_of(known.operations(), [&](const auto& entry) {
            const auto& [id, state] = entry;
            return state.from == origin::selftest && state.call.op == "guest.delete_snapshot"
                   && state.guest == made.guest && name_in(state) == name_in(made) && state.end
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

    [[nodiscard]] static auto recorded(const operation_state& made) -> std::optional<proxmox::recorded_snapshot>
    {
        const auto text = name_in(made);
        auto name = proxmox::snapshot_name::parse(text);
        const auto& task = made.task;
        const auto is_ours = name && is_random(text) && made.end->how == ending::succeeded && task
                             && task->type() == "vzsnapshot" && task->id() == made.guest.text();
        return is_ours ? std::optional{proxmox::recorded_snapshot{made.guest, *std::move(name), *task}} : std::nullopt;
    }
};

} // namespace felhom::operate
