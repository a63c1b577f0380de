// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/contains.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/lxc/completion.hpp>
#include <felhom/proxmox/lxc/config_key.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/lxc/normal_form.hpp>
#include <felhom/proxmox/model/acl_path.hpp>
#include <felhom/proxmox/model/cluster_options.hpp>
#include <felhom/proxmox/model/property_string.hpp>
#include <felhom/proxmox/model/slot_volume.hpp>
#include <felhom/proxmox/model/storage_id.hpp>
#include <felhom/reconcile/privileges/configuration_privileges.hpp>
#include <felhom/reconcile/privileges/needed_privilege.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the API asks of a token that changes a key (pve-container PVE/LXC.pm, check_ct_modify_config_perm).
namespace felhom::reconcile {

/// A key that is to come from one value to another; nothing: unset, or not known.
struct key_step {
    vmid guest;
    std::string_view key;
    const lxc::config_key& rule;
    const std::optional<std::string>& from;
    const std::optional<std::string>& to;
};

/// What decides beside the key itself.
struct change_circumstances {
    lxc::node_facts facts = {};
    std::optional<proxmox::tag_access> tags = std::nullopt; ///< nothing: not known, the node will judge
};

namespace detail {

/// Where no key of a guest needs one of those that the call needs.
[[nodiscard]] inline auto needed_for_call(const std::string& path, const std::string& purpose) -> needed_privilege
{
    auto need = needed_privilege{.path = path, .privilege = std::string{least_for_configuration}, .purpose = purpose};
    for (const auto other : any_for_configuration) {
        if (other != least_for_configuration) {
            need.or_else.push_back({.path = path, .privilege = std::string{other}});
        }
    }
    return need;
}

[[nodiscard]] inline auto is_for_call(const needed_privilege& need) -> bool
{
    return need.privilege == least_for_configuration && !need.or_else.empty();
}

/// The bridge of an interface, and its tag there.
[[nodiscard]] inline auto bridge_path(const std::optional<std::string>& net) -> std::optional<std::string>
{
    const auto parts = net ? proxmox::split_properties(*net) : std::nullopt;
    const auto bridge = parts ? lxc::detail::value_of(*parts, "bridge") : std::nullopt;
    if (!bridge) {
        return std::nullopt;
    }
    auto path = std::string{local_zone} + "/" + std::string{*bridge};
    if (const auto tag = lxc::detail::value_of(*parts, "tag")) {
        path += "/" + std::string{*tag};
    }
    return path;
}

/// The storage of a volume that is to be larger than it is (pve-container PVE/API2/LXC.pm, resize_vm).
[[nodiscard]] inline auto storage_that_grows(const key_step& step) -> std::optional<proxmox::storage_id>
{
    const auto is = proxmox::parse_slot_volume(step.from.value_or(""));
    const auto wanted = proxmox::parse_slot_volume(step.to.value_or(""));
    const auto grows = step.rule.managed == lxc::management::storage && is && wanted && is->id == wanted->id
                       && wanted->size > is->size;
    return grows ? std::optional{is->id.storage()} : std::nullopt;
}

/// Tags that are reserved, added or taken away.
[[nodiscard]] inline auto changes_reserved_tag(const key_step& step, const proxmox::tag_access& access,
                                               const lxc::node_facts& facts) -> bool
{
    auto before = std::string{};
    auto after = std::string{};
    lxc::normalize_tags(step.from.value_or(""), facts, before);
    lxc::normalize_tags(step.to.value_or(""), facts, after);
    const auto had = lxc::split_list(before);
    const auto will_have = lxc::split_list(after);
    const auto reserved_beside = [&](const lxc::words& others) {
        return [&](std::string_view tag) { return !contains(others, tag) && !access.may_set(tag); };
    };
    return std::ranges::any_of(had, reserved_beside(will_have)) || std::ranges::any_of(will_have, reserved_beside(had));
}

} // namespace detail

/// All that a change of one key needs, in the order in which Proxmox VE asks for it: of an interface the use of the old
/// bridge as well as of the new one.
[[nodiscard]] inline auto needed_to_change(const key_step& step, const change_circumstances& in)
    -> std::vector<needed_privilege>
{
    const auto path = proxmox::acl_path::of(step.guest);
    const auto purpose = "guest " + step.guest.text() + ": " + std::string{step.key};
    auto needs = std::vector<needed_privilege>{};
    const auto add = [&](std::string where, std::string_view privilege) {
        needs.push_back({.path = std::move(where), .privilege = std::string{privilege}, .purpose = purpose});
    };
    if (!step.rule.privilege.empty()) {
        add(path, step.rule.privilege);
    }
    if (!contains(any_for_configuration, step.rule.privilege)) {
        needs.push_back(detail::needed_for_call(path, purpose));
    }
    static constexpr auto sdn_since = lxc::pve_release{.major = 8, .minor = 0};
    if (step.rule.key == "net" && in.facts.release >= sdn_since) {
        for (auto bridge : {detail::bridge_path(step.from), detail::bridge_path(step.to)}) {
            if (bridge) {
                add(*std::move(bridge), "SDN.Use");
            }
        }
    }
    if (const auto storage = detail::storage_that_grows(step)) {
        add(proxmox::acl_path::of(*storage), "Datastore.AllocateSpace");
    }
    if (step.rule.key == "tags" && in.tags && detail::changes_reserved_tag(step, *in.tags, in.facts)) {
        add("/", "Sys.Modify");
    }
    return needs;
}

} // namespace felhom::reconcile
