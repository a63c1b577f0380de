#pragma once

#include <felhom/core/alternatives.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/core/printable.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/operate/config_shown.hpp>
#include <felhom/operate/operation.hpp>
#include <felhom/proxmox/classify.hpp>
#include <felhom/proxmox/guest_summary.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/pending.hpp>
#include <felhom/proxmox/read.hpp>
#include <felhom/proxmox/reply.hpp>
#include <felhom/proxmox/snapshot_list.hpp>
#include <felhom/proxmox/storage.hpp>
#include <felhom/proxmox/volume_id.hpp>
#include <felhom/reconcile/actual_state.hpp>

#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// What a read must show once an operation has taken effect: success means that the state is so, whatever was answered.
namespace felhom::operate {

struct guest_is {
    proxmox::power_state power;

    static constexpr auto is_conclusive = true;
    friend auto operator==(const guest_is&, const guest_is&) -> bool = default;
};
struct guest_gone {
    static constexpr auto is_conclusive = true;
    static constexpr auto task_types = std::array<std::string_view, 1>{"vzdestroy"};
    friend auto operator==(const guest_gone&, const guest_gone&) -> bool = default;
};
struct guest_made {
    bool is_new = false; ///< there was none of that number before

    static constexpr auto is_conclusive = false; ///< a guest that was restored over another looks like the other
    static constexpr auto task_types = std::array<std::string_view, 1>{"vzrestore"};
    friend auto operator==(const guest_made&, const guest_made&) -> bool = default;
};
struct snapshot_made {
    std::string name;

    static constexpr auto is_conclusive = true;
    static constexpr auto task_types = std::array<std::string_view, 1>{"vzsnapshot"};
    friend auto operator==(const snapshot_made&, const snapshot_made&) -> bool = default;
};
struct snapshot_gone {
    std::string name;

    static constexpr auto is_conclusive = true;
    static constexpr auto task_types = std::array<std::string_view, 1>{"vzdelsnapshot"};
    friend auto operator==(const snapshot_gone&, const snapshot_gone&) -> bool = default;
};
/// The guest goes on from this snapshot.
struct rolled_back_to {
    std::string name;

    static constexpr auto is_conclusive = false; ///< it may have gone on from there before
    static constexpr auto task_types = std::array<std::string_view, 1>{"vzrollback"};
    friend auto operator==(const rolled_back_to&, const rolled_back_to&) -> bool = default;
};
struct backup_gone {
    proxmox::volume_id volid;

    static constexpr auto is_conclusive = true;
    static constexpr auto task_types = std::array<std::string_view, 1>{"imgdel"};
    friend auto operator==(const backup_gone&, const backup_gone&) -> bool = default;
};

using postcondition = std::variant<config_holds, guest_is, guest_gone, guest_made, snapshot_made, snapshot_gone,
                                   rolled_back_to, backup_gone>;

/// What a read must show once the operation has taken effect: of each that is known here.
inline constexpr auto shown_by = overloaded{
    [](const guest_start&) -> postcondition { return guest_is{proxmox::power_state::running}; },
    [](const guest_shutdown&) -> postcondition { return guest_is{proxmox::power_state::stopped}; },
    [](const guest_stop&) -> postcondition { return guest_is{proxmox::power_state::stopped}; },
    [](const guest_set_config& op) -> postcondition {
        auto wanted = config_holds{};
        for (const auto& [key, value] : op.set) {
            wanted.keys.push_back({.key = key, .value = value});
        }
        for (const auto& key : op.remove) {
            wanted.keys.push_back({.key = key, .value = std::nullopt});
        }
        return wanted;
    },
    [](const guest_snapshot& op) -> postcondition { return snapshot_made{op.snapshot.text()}; },
    [](const guest_rollback& op) -> postcondition { return rolled_back_to{op.snapshot.text()}; },
    [](const guest_delete_snapshot& op) -> postcondition { return snapshot_gone{op.snapshot.text()}; },
    [](const guest_destroy&) -> postcondition { return guest_gone{}; },
    [](const guest_restore& op) -> postcondition { return guest_made{.is_new = !op.force}; },
    [](const backup_delete& op) -> postcondition { return backup_gone{op.volid}; },
};

[[nodiscard]] inline auto postcondition_of(const signed_operation& what) -> postcondition
{
    return told<postcondition>(what, shown_by);
}

/// Nothing for an operation of which no read tells, since it is not known here.
[[nodiscard]] inline auto postcondition_of(const operation& what) -> std::optional<postcondition>
{
    using found = std::optional<postcondition>;
    return told<found>(what, overloaded{shown_by, [](const unread_operation&) { return found{}; }});
}

/// Whether seeing the state so settles the matter, whatever became of the task. It does not where the state may have
/// been so before.
[[nodiscard]] inline auto is_conclusive(const postcondition& wanted) -> bool
{
    return told<bool>(wanted, [](const auto& one) { return std::remove_cvref_t<decltype(one)>::is_conclusive; });
}

/// The types of the tasks that bring it about: of the calls' own (pve-container API2/LXC.pm and its subclasses), and of
/// HA, which takes the guests that it manages over. None where the call starts no task.
[[nodiscard]] inline auto task_types_of(const postcondition& wanted) -> std::span<const std::string_view>
{
    using types = std::span<const std::string_view>;
    static constexpr auto starts = std::array<std::string_view, 2>{"vzstart", "hastart"};
    static constexpr auto stops = std::array<std::string_view, 3>{"vzstop", "vzshutdown", "hastop"};
    return told<types>(wanted, overloaded{[]<typename W>(const W&) { return types{W::task_types}; },
                                          [](const guest_is& w) {
                                              return w.power == proxmox::power_state::running ? types{starts}
                                                                                              : types{stops};
                                          }});
}

} // namespace felhom::operate
