#pragma once

#include <felhom/authz/operation_name.hpp>
#include <felhom/authz/signer_settings.hpp>
#include <felhom/core/contains.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/proxmox/acl_path.hpp>
#include <felhom/reconcile/change_privilege.hpp>
#include <felhom/reconcile/configuration_privileges.hpp>
#include <felhom/reconcile/desired_state.hpp>
#include <felhom/reconcile/needed_privilege.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the operations need that the configured signers may sign.
namespace felhom::local_api {

/// What is needed, and what may come to be asked for: which of it nobody knows before it is signed.
struct wanted_privileges {
    std::vector<reconcile::needed_privilege> needed;
    std::vector<reconcile::privilege_on> at_times;
};

namespace detail {

namespace names = authz::operation_name;

enum class privilege_place : std::uint8_t {
    guest,       ///< that the operation names
    every_guest, ///< an entry on the guest alone would not do
    storage,     ///< that it names
};

struct operation_privilege {
    std::string_view op;
    privilege_place on;
    std::string_view privilege;
    std::string_view or_else = {};
};

/// As the calls ask for it (pve-container PVE/API2/LXC.pm, PVE/API2/LXC/Snapshot.pm, PVE/API2/LXC/Status.pm;
/// pve-storage PVE/API2/Storage/Content.pm). What guest.set_config needs hangs on the keys that will be signed.
inline constexpr auto privileges_of_operations = std::array{
    operation_privilege{names::destroy, privilege_place::guest, "VM.Allocate"},
    operation_privilege{names::destroy, privilege_place::guest, "VM.PowerMgmt"},
    // The guest's own entries go with it: only what comes from above shows that it is gone.
    operation_privilege{names::destroy, privilege_place::every_guest, "VM.Audit"},
    operation_privilege{names::rollback, privilege_place::guest, "VM.Snapshot.Rollback", "VM.Snapshot"},
    operation_privilege{names::delete_snapshot, privilege_place::guest, "VM.Snapshot"},
    operation_privilege{names::restore, privilege_place::guest, "VM.Allocate"},
    operation_privilege{names::restore, privilege_place::guest, "VM.Backup"},
    operation_privilege{names::restore, privilege_place::storage, "Datastore.AllocateSpace"},
    operation_privilege{names::stop, privilege_place::guest, "VM.PowerMgmt"},
    operation_privilege{names::backup_delete, privilege_place::guest, "VM.Backup"},
    operation_privilege{names::backup_delete, privilege_place::storage, "Datastore.AllocateSpace"},
};

[[nodiscard]] constexpr auto is_known(std::string_view op) -> bool
{
    return op == names::set_config
           || std::ranges::find(privileges_of_operations, op, &operation_privilege::op)
                  != privileges_of_operations.end();
}
static_assert(std::ranges::all_of(authz::operation_names, is_known));

[[nodiscard]] inline auto may_be_signed(std::string_view op, const std::vector<authz::signer_settings>& by) -> bool
{
    return std::ranges::any_of(
        by, [&](const authz::signer_settings& one) { return !one.operations || contains(*one.operations, op); });
}

/// The guests that are desired; where none is, all.
[[nodiscard]] inline auto signable_guests(const reconcile::desired_state& desired) -> std::vector<std::string>
{
    auto paths = std::vector<std::string>{};
    for (const auto& guest : desired.guests) {
        paths.push_back(proxmox::acl_path::of(guest.id));
    }
    return paths.empty() ? std::vector{std::string{proxmox::acl_path::every_guest}} : paths;
}

/// Some privilege of a configuration's lets the call through; which ones its keys need is not known before.
inline void add_set_config(const std::vector<std::string>& guests, wanted_privileges& wanted)
{
    for (const auto& guest : guests) {
        wanted.needed.push_back(reconcile::detail::needed_for_call(guest, "signed guest.set_config"));
    }
    const auto everywhere = std::string{proxmox::acl_path::every_guest};
    for (const auto privilege : reconcile::any_for_configuration) {
        wanted.at_times.push_back({.path = everywhere, .privilege = std::string{privilege}});
    }
    wanted.at_times.push_back({.path = everywhere, .privilege = "VM.Allocate"}); // of features
}

} // namespace detail

/// What of its token this host uses for what the signers may sign.
[[nodiscard]] inline auto privileges_for(const std::vector<authz::signer_settings>& by,
                                         const reconcile::desired_state& desired) -> wanted_privileges
{
    using namespace proxmox::acl_path;
    auto wanted = wanted_privileges{};
    const auto guests = detail::signable_guests(desired);
    const auto at_times = [&](std::string_view path, std::string_view privilege) {
        wanted.at_times.push_back({.path = std::string{path}, .privilege = std::string{privilege}});
    };
    const auto need = [&](std::string path, const detail::operation_privilege& row) {
        auto one = reconcile::needed_privilege{
            .path = path, .privilege = std::string{row.privilege}, .purpose = "signed " + std::string{row.op}};
        if (!row.or_else.empty()) {
            one.or_else.push_back({.path = std::move(path), .privilege = std::string{row.or_else}});
        }
        wanted.needed.push_back(std::move(one));
    };
    for (const auto& row : detail::privileges_of_operations) {
        if (!detail::may_be_signed(row.op, by)) {
            continue;
        }
        const auto is_storage = row.on == detail::privilege_place::storage;
        const auto everywhere = is_storage ? every_storage : every_guest;
        if (row.on == detail::privilege_place::guest) {
            for (const auto& guest : guests) {
                need(guest, row);
            }
        } else {
            need(std::string{everywhere}, row);
        }
        for (const auto privilege : {row.privilege, row.or_else}) {
            if (!privilege.empty()) {
                at_times(everywhere, privilege);
            }
        }
    }
    if (detail::may_be_signed(detail::names::set_config, by)) {
        detail::add_set_config(guests, wanted);
    }
    if (detail::may_be_signed(detail::names::set_config, by) || detail::may_be_signed(detail::names::restore, by)) {
        at_times(every_zone, "SDN.Use");
    }
    if (!by.empty()) {
        at_times(every_guest, "VM.Audit");
        at_times(every_storage, "Datastore.Audit");
        at_times(every_storage, "Datastore.Allocate");
    }
    return wanted;
}

/// What the self-tests ask for, of whichever guest they are tried on.
[[nodiscard]] inline auto privileges_for_selftests(const node_name& node) -> std::vector<reconcile::privilege_on>
{
    const auto guests = std::string{proxmox::acl_path::every_guest};
    const auto storages = std::string{proxmox::acl_path::every_storage};
    return {{.path = proxmox::acl_path::of(node), .privilege = "Sys.Audit"},
            {.path = guests, .privilege = "VM.Audit"},
            {.path = guests, .privilege = "VM.Config.Options"},
            {.path = guests, .privilege = "VM.Snapshot"},
            {.path = guests, .privilege = "VM.Snapshot.Rollback"},
            {.path = storages, .privilege = "Datastore.Audit"}};
}

} // namespace felhom::local_api
