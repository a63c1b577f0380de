// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/hub/hub_policy.hpp>
#include <felhom/hub/hub_policy_json.hpp>
#include <felhom/proxmox/lxc/key_table.hpp>
#include <felhom/proxmox/model/acl_path.hpp>
#include <felhom/reconcile/privileges/configuration_privileges.hpp>
#include <felhom/reconcile/privileges/needed_privilege.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace felhom::local_api {

namespace detail {

[[nodiscard]] inline auto guest_paths(const hub::hub_policy& policy) -> std::vector<std::string>
{
    if (!policy.guests) {
        return {std::string{proxmox::acl_path::every_guest}};
    }
    auto paths = std::vector<std::string>{};
    for (const auto guest : *policy.guests) {
        paths.push_back(proxmox::acl_path::of(guest));
    }
    return paths;
}

/// What setting a key takes of a token, on the guest.
[[nodiscard]] inline auto to_set(const lxc::config_key& rule) -> std::vector<std::string_view>
{
    auto all = std::vector<std::string_view>{};
    for (const auto privilege : {rule.privilege, rule.read_privilege}) {
        if (!privilege.empty()) {
            all.push_back(privilege);
        }
    }
    if (!contains(reconcile::any_for_configuration, rule.privilege)) {
        all.push_back(reconcile::least_for_configuration);
    }
    return all;
}

} // namespace detail

/// What of its token this host may come to use for the hub without a signature, whatever the hub desires today.
[[nodiscard]] inline auto privileges_for(const hub::hub_policy& policy, const lxc::key_table& table)
    -> std::vector<reconcile::privilege_on>
{
    auto privileges = std::vector<std::string_view>{"VM.Audit"};
    if ((policy.may_start || policy.may_stop) && policy.restarts_a_day > 0) {
        privileges.emplace_back("VM.PowerMgmt");
    }
    auto sets_interfaces = false;
    for (const auto& allowed : policy.keys) {
        if (const auto* const rule = hub::detail::rule_named(allowed.key, table)) {
            const auto more = detail::to_set(*rule);
            privileges.insert(privileges.end(), more.begin(), more.end());
            sets_interfaces = sets_interfaces || rule->key == "net";
        }
    }
    auto all = std::vector<reconcile::privilege_on>{};
    for (const auto& path : detail::guest_paths(policy)) {
        for (const auto privilege : privileges) {
            all.push_back({.path = path, .privilege = std::string{privilege}});
        }
    }
    if (sets_interfaces) {
        all.push_back({.path = std::string{proxmox::acl_path::every_zone}, .privilege = "SDN.Use"});
    }
    return all;
}

} // namespace felhom::local_api
