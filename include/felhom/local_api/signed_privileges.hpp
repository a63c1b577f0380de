// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/signers/signer_settings.hpp>
#include <felhom/core/contains.hpp>
#include <felhom/core/node_name.hpp>
#include <felhom/operate/operation/operation.hpp>
#include <felhom/operate/operation/operation_privilege.hpp>
#include <felhom/proxmox/model/acl_path.hpp>
#include <felhom/reconcile/desired/desired_state.hpp>
#include <felhom/reconcile/privileges/change_privilege.hpp>
#include <felhom/reconcile/privileges/configuration_privileges.hpp>
#include <felhom/reconcile/privileges/needed_privilege.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>
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

using kinds_of_signed = boost::mp11::mp_transform<std::type_identity, operate::signed_operation>;

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
    const auto need = [&](std::string path, std::string_view op, const operate::operation_privilege& row) {
        auto one = reconcile::needed_privilege{
            .path = path, .privilege = std::string{row.privilege}, .purpose = "signed " + std::string{op}};
        if (!row.or_else.empty()) {
            one.or_else.push_back({.path = std::move(path), .privilege = std::string{row.or_else}});
        }
        wanted.needed.push_back(std::move(one));
    };
    const auto add_row = [&](std::string_view op, const operate::operation_privilege& row) {
        const auto everywhere = row.on == operate::privilege_place::storage ? every_storage : every_guest;
        if (row.on == operate::privilege_place::guest) {
            for (const auto& guest : guests) {
                need(guest, op, row);
            }
        } else {
            need(std::string{everywhere}, op, row);
        }
        for (const auto privilege : {row.privilege, row.or_else}) {
            if (!privilege.empty()) {
                at_times(everywhere, privilege);
            }
        }
    };
    boost::mp11::mp_for_each<detail::kinds_of_signed>([&]<typename Operation>(std::type_identity<Operation> /*kind*/) {
        if (detail::may_be_signed(Operation::name, by)) {
            for (const auto& row : Operation::privileges) {
                add_row(Operation::name, row);
            }
        }
    });
    if (detail::may_be_signed(operate::guest_set_config::name, by)) {
        detail::add_set_config(guests, wanted);
    }
    if (detail::may_be_signed(operate::guest_set_config::name, by)
        || detail::may_be_signed(operate::guest_restore::name, by)) {
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
