// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/operation/operation_name.hpp>
#include <felhom/core/alternatives.hpp>
#include <felhom/core/contains.hpp>
#include <felhom/core/overloaded.hpp>
#include <felhom/operate/operation/operation_privilege.hpp>
#include <felhom/operate/operation/shown_state.hpp>
#include <felhom/proxmox/api/timeout_seconds.hpp>
#include <felhom/proxmox/model/disk.hpp>
#include <felhom/proxmox/model/guest_config.hpp>
#include <felhom/proxmox/model/snapshot_name.hpp>
#include <felhom/proxmox/model/storage_id.hpp>
#include <felhom/proxmox/model/volume_id.hpp>

#include <boost/json/object.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

// Every operation on a guest that the journal or a bundle can name. What is known of each stands in it: its name, its
// parameters, what it may cost, whether it changes the run state, what a read must show once it has taken effect; of
// those that can be signed also whether it makes volumes, which decides its lane; what the gate asks: whether Proxmox
// VE's protection of the guest and its disks bars it, whether it is for the guest as it is, whatever its signer saw of
// it, and whether it is refused while the guest runs; and the privileges that its calls need (pve-container
// PVE/API2/LXC.pm, PVE/API2/LXC/Snapshot.pm, PVE/API2/LXC/Status.pm; pve-storage PVE/API2/Storage/Content.pm).
namespace felhom::operate {

/// What an operation may cost, in rising order.
enum class reversibility {
    benign,      ///< interrupts nobody and loses nothing
    reversible,  ///< interrupts, or changes something that can be changed back
    destructive, ///< may lose data, or the protection of it: needs an operator's signature
};

/// The same cost whatever the parameters, and why.
struct fixed_cost {
    reversibility what;
    std::string_view why;
};

/// A parameter: its name in records and bundles, and the member that holds it.
template <typename Operation, typename Value>
struct param {
    std::string_view name;
    Value Operation::* member;
    bool is_always_recorded = false; ///< in a record of the agent's own, also where it says nothing
};

struct guest_start {
    static constexpr auto name = std::string_view{"guest.start"};
    static constexpr auto params = std::tuple{};
    static constexpr auto cost = fixed_cost{reversibility::benign, "a guest that runs loses nothing"};
    static constexpr auto changes_run_state = true;
    static constexpr auto makes_volumes = false;
    [[nodiscard]] static auto shown() { return guest_is{proxmox::power_state::running}; }
    friend auto operator==(const guest_start&, const guest_start&) -> bool = default;
};

/// A clean shutdown.
struct guest_shutdown {
    proxmox::timeout_seconds timeout{};
    bool force_stop = false; ///< at its end

    static constexpr auto name = std::string_view{"guest.shutdown"};
    static constexpr auto params = std::tuple{param{"timeout", &guest_shutdown::timeout, true},
                                              param{"force_stop", &guest_shutdown::force_stop, true}};
    static constexpr auto cost = fixed_cost{reversibility::reversible, "the guest can be started again"};
    static constexpr auto changes_run_state = true;
    static constexpr auto makes_volumes = false;
    [[nodiscard]] static auto shown() { return guest_is{proxmox::power_state::stopped}; }
    friend auto operator==(const guest_shutdown&, const guest_shutdown&) -> bool = default;
};

struct guest_snapshot {
    proxmox::snapshot_name snapshot;

    static constexpr auto name = std::string_view{"guest.snapshot"};
    static constexpr auto params = std::tuple{param{"snapshot", &guest_snapshot::snapshot}};
    static constexpr auto cost = fixed_cost{reversibility::benign, "a snapshot takes nothing away"};
    static constexpr auto changes_run_state = false;
    static constexpr auto makes_volumes = false;
    [[nodiscard]] auto shown() const { return snapshot_made{snapshot.text()}; }
    friend auto operator==(const guest_snapshot&, const guest_snapshot&) -> bool = default;
};

/// Deletes the guest and its volumes.
struct guest_destroy {
    bool purge = false;                ///< also from backup jobs, replication and HA
    bool destroy_unreferenced = false; ///< also volumes that carry its number and that no configuration names
    bool stop = false;                 ///< a running guest is stopped first; without it a running one is left alone

    static constexpr auto name = authz::operation_name::destroy;
    static constexpr auto params = std::tuple{param{"purge", &guest_destroy::purge},
                                              param{"destroy_unreferenced", &guest_destroy::destroy_unreferenced},
                                              param{"stop", &guest_destroy::stop}};
    static constexpr auto cost = fixed_cost{reversibility::destructive, "the guest and its volumes are gone for good"};
    static constexpr auto changes_run_state = false;
    static constexpr auto makes_volumes = false;
    static constexpr auto is_barred_by_protection = true;
    static constexpr auto needs_unchanged_guest = true;
    static constexpr auto privileges =
        std::array{operation_privilege{privilege_place::guest, "VM.Allocate"},
                   operation_privilege{privilege_place::guest, "VM.PowerMgmt"},
                   // The guest's own entries go with it: only what comes from above shows that it is gone.
                   operation_privilege{privilege_place::every_guest, "VM.Audit"}};
    [[nodiscard]] static auto shown() { return guest_gone{}; }
    friend auto operator==(const guest_destroy&, const guest_destroy&) -> bool = default;
};

/// Returns the guest to a snapshot.
struct guest_rollback {
    proxmox::snapshot_name snapshot;
    bool start = false; ///< afterwards

    static constexpr auto name = authz::operation_name::rollback;
    static constexpr auto params =
        std::tuple{param{"snapshot", &guest_rollback::snapshot}, param{"start", &guest_rollback::start}};
    static constexpr auto cost = fixed_cost{reversibility::destructive, "what was written since the snapshot is lost"};
    static constexpr auto changes_run_state = false;
    static constexpr auto makes_volumes = false;
    static constexpr auto is_barred_by_protection = true;
    static constexpr auto needs_unchanged_guest = true;
    static constexpr auto must_not_run = false; ///< it stops the guest by itself
    static constexpr auto privileges =
        std::array{operation_privilege{privilege_place::guest, "VM.Snapshot.Rollback", "VM.Snapshot"}};
    [[nodiscard]] auto shown() const { return rolled_back_to{snapshot.text()}; }
    friend auto operator==(const guest_rollback&, const guest_rollback&) -> bool = default;
};

struct guest_delete_snapshot {
    proxmox::snapshot_name snapshot;

    static constexpr auto name = authz::operation_name::delete_snapshot;
    static constexpr auto params = std::tuple{param{"snapshot", &guest_delete_snapshot::snapshot}};
    static constexpr auto cost = fixed_cost{reversibility::destructive, "the snapshot is gone for good"};
    static constexpr auto changes_run_state = false;
    static constexpr auto makes_volumes = false;
    static constexpr auto is_barred_by_protection = true;
    static constexpr auto needs_unchanged_guest = true;
    static constexpr auto must_not_run = false;
    static constexpr auto privileges = std::array{operation_privilege{privilege_place::guest, "VM.Snapshot"}};
    [[nodiscard]] auto shown() const { return snapshot_gone{snapshot.text()}; }
    friend auto operator==(const guest_delete_snapshot&, const guest_delete_snapshot&) -> bool = default;
};

/// Makes the guest out of a backup; with force, in the place of the one that is there.
struct guest_restore {
    proxmox::volume_id archive;
    std::optional<proxmox::storage_id> storage = std::nullopt; ///< where the volumes go; nothing: Proxmox VE's choice
    bool force = false;
    bool unique = false; ///< with new MAC addresses

    static constexpr auto name = authz::operation_name::restore;
    static constexpr auto params =
        std::tuple{param{"archive", &guest_restore::archive}, param{"storage", &guest_restore::storage},
                   param{"force", &guest_restore::force}, param{"unique", &guest_restore::unique}};
    static constexpr auto changes_run_state = false;
    static constexpr auto makes_volumes = true;
    static constexpr auto is_barred_by_protection = true;
    static constexpr auto needs_unchanged_guest = true;
    static constexpr auto must_not_run = true;
    static constexpr auto privileges =
        std::array{operation_privilege{privilege_place::guest, "VM.Allocate"},
                   operation_privilege{privilege_place::guest, "VM.Backup"},
                   operation_privilege{privilege_place::storage, "Datastore.AllocateSpace"}};
    [[nodiscard]] auto shown() const { return guest_made{.is_new = !force}; }
    friend auto operator==(const guest_restore&, const guest_restore&) -> bool = default;
};

/// Whether a call may carry the changes is asked where the call is made: a record of another version is read, too.
struct guest_set_config {
    std::vector<proxmox::config_entry> set;
    std::vector<std::string> remove;

    static constexpr auto name = authz::operation_name::set_config;
    static constexpr auto params =
        std::tuple{param{"set", &guest_set_config::set, true}, param{"delete", &guest_set_config::remove, true}};
    static constexpr auto changes_run_state = false;
    static constexpr auto makes_volumes = false;
    static constexpr auto is_barred_by_protection = false; ///< the operation that drops it must pass
    static constexpr auto needs_unchanged_guest = true;
    static constexpr auto must_not_run = false;
    static constexpr auto privileges = std::array<operation_privilege, 0>{}; ///< they hang on the keys
    [[nodiscard]] auto shown() const
    {
        auto wanted = config_holds{};
        for (const auto& [key, value] : set) {
            wanted.keys.push_back({.key = key, .value = value});
        }
        for (const auto& key : remove) {
            wanted.keys.push_back({.key = key, .value = std::nullopt});
        }
        return wanted;
    }
    friend auto operator==(const guest_set_config&, const guest_set_config&) -> bool = default;
};

/// Kills the guest's processes.
struct guest_stop {
    static constexpr auto name = authz::operation_name::stop;
    static constexpr auto params = std::tuple{};
    static constexpr auto cost = guest_shutdown::cost;
    static constexpr auto changes_run_state = true;
    static constexpr auto makes_volumes = false;
    static constexpr auto is_barred_by_protection = false;
    static constexpr auto needs_unchanged_guest = false;
    static constexpr auto must_not_run = false;
    static constexpr auto privileges = std::array{operation_privilege{privilege_place::guest, "VM.PowerMgmt"}};
    [[nodiscard]] static auto shown() { return guest_is{proxmox::power_state::stopped}; }
    friend auto operator==(const guest_stop&, const guest_stop&) -> bool = default;
};

/// Grows a volume. None is ever shrunk.
struct guest_resize {
    proxmox::disk_slot disk;
    proxmox::disk_size size;

    static constexpr auto name = authz::operation_name::resize;
    static constexpr auto params = std::tuple{param{"disk", &guest_resize::disk}, param{"size", &guest_resize::size}};
    static constexpr auto cost =
        fixed_cost{reversibility::benign, "a volume that grows loses nothing, and is never made smaller again"};
    static constexpr auto changes_run_state = false;
    static constexpr auto makes_volumes = false;
    static constexpr auto is_barred_by_protection = false;
    static constexpr auto needs_unchanged_guest = true;
    static constexpr auto must_not_run = false;
    static constexpr auto privileges =
        std::array{operation_privilege{privilege_place::guest, "VM.Config.Disk"},
                   operation_privilege{privilege_place::storage, "Datastore.AllocateSpace"}};
    [[nodiscard]] auto shown() const { return volume_is_at_least{.disk = disk, .size = size}; }
    friend auto operator==(const guest_resize&, const guest_resize&) -> bool = default;
};

struct backup_delete {
    proxmox::volume_id volid;

    static constexpr auto name = authz::operation_name::backup_delete;
    static constexpr auto params = std::tuple{param{"volid", &backup_delete::volid}};
    static constexpr auto cost = fixed_cost{reversibility::destructive, "the backup is gone for good"};
    static constexpr auto changes_run_state = false;
    static constexpr auto makes_volumes = false;
    static constexpr auto is_barred_by_protection = false;
    static constexpr auto needs_unchanged_guest = false;
    static constexpr auto must_not_run = false;
    static constexpr auto privileges =
        std::array{operation_privilege{privilege_place::guest, "VM.Backup"},
                   operation_privilege{privilege_place::storage, "Datastore.AllocateSpace"}};
    [[nodiscard]] auto shown() const { return backup_gone{volid}; }
    friend auto operator==(const backup_delete&, const backup_delete&) -> bool = default;
};

/// An operation in the journal that another version wrote and this one does not know, or not with such parameters. It
/// is kept as it stands, and nothing is made of it.
struct unread_operation {
    std::string name;
    boost::json::object params;

    friend auto operator==(const unread_operation&, const unread_operation&) -> bool = default;
};

using known_operations = boost::mp11::mp_list<guest_start, guest_shutdown, guest_snapshot, guest_destroy,
                                              guest_rollback, guest_delete_snapshot, guest_restore, guest_set_config,
                                              guest_stop, guest_resize, backup_delete>;

/// What the journal holds.
using operation = boost::mp11::mp_rename<boost::mp11::mp_push_back<known_operations, unread_operation>, std::variant>;

namespace detail {

template <typename Operation>
using can_be_signed = std::bool_constant<contains(authz::operation_names, Operation::name)>;

using signed_operations = boost::mp11::mp_copy_if<known_operations, can_be_signed>;

template <typename... O>
[[nodiscard]] consteval auto names_of(boost::mp11::mp_list<O...> /*all*/) -> std::array<std::string_view, sizeof...(O)>
{
    return {O::name...};
}
static_assert(names_of(signed_operations{}) == authz::operation_names);

} // namespace detail

/// Those that an operator can sign.
using signed_operation = boost::mp11::mp_rename<detail::signed_operations, std::variant>;

[[nodiscard]] inline auto recorded_as(const signed_operation& what) -> operation
{
    return told<operation>(what, [](const auto& one) { return operation{one}; });
}

/// Its name in records and bundles.
template <typename... O>
    requires(std::is_constructible_v<operation, O> && ...)
[[nodiscard]] auto name_of(const std::variant<O...>& what) -> std::string_view
{
    return told<std::string_view>(what, [](const auto& one) { return std::string_view{one.name}; });
}

namespace detail {

template <typename... O>
[[nodiscard]] constexpr auto changes_run_state(std::string_view name, boost::mp11::mp_list<O...> /*among*/) -> bool
{
    return ((O::name == name && O::changes_run_state) || ...);
}

} // namespace detail

/// Whether it starts or stops the guest, and nothing else. A start whose parameters are not understood is one, too.
[[nodiscard]] inline auto changes_run_state(const operation& what) -> bool
{
    return told<bool>(what,
                      overloaded{[](const auto& one) { return std::remove_cvref_t<decltype(one)>::changes_run_state; },
                                 [](const unread_operation& one) {
                                     return detail::changes_run_state(one.name, known_operations{});
                                 }});
}

/// Whether it waits for others that make volumes, on the storage's lock.
[[nodiscard]] inline auto makes_volumes(const signed_operation& what) -> bool
{
    return told<bool>(what, [](const auto& one) { return std::remove_cvref_t<decltype(one)>::makes_volumes; });
}

} // namespace felhom::operate
