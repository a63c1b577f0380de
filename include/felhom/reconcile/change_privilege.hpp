#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/cluster_options.hpp>
#include <felhom/proxmox/permissions.hpp>
#include <felhom/proxmox/property_string.hpp>
#include <felhom/reconcile/completion.hpp>
#include <felhom/reconcile/configuration_privileges.hpp>
#include <felhom/reconcile/node_facts.hpp>
#include <felhom/reconcile/normal_form.hpp>
#include <felhom/reconcile/plan.hpp>
#include <felhom/reconcile/skip_reason.hpp>

#include <range/v3/algorithm/any_of.hpp>
#include <range/v3/algorithm/contains.hpp>

#include <optional>
#include <string>
#include <string_view>

// What the API asks of a token that changes a key (pve-container PVE/LXC.pm, check_ct_modify_config_perm), judged by
// what the token is known to hold.
namespace felhom::reconcile {

/// What is known of a token's rights.
struct known_rights {
    const proxmox::permissions& granted;
    const std::optional<proxmox::tag_access>& tags; ///< nothing: not known, the node will judge
};

namespace detail {

[[nodiscard]] inline auto lacking(const proxmox::permissions& granted, std::string path, std::string_view privilege)
    -> std::optional<lacks_privilege>
{
    if (ranges::contains(granted.on(path), privilege)) {
        return std::nullopt;
    }
    return lacks_privilege{.path = std::move(path), .privilege = std::string{privilege}};
}

/// What the call itself asks for, before it looks at any key: one of several.
[[nodiscard]] inline auto lacking_for_call(const proxmox::permissions& granted, std::string path)
    -> std::optional<lacks_privilege>
{
    const auto held = granted.on(path);
    const auto is_held = [&](std::string_view privilege) { return ranges::contains(held, privilege); };
    return ranges::any_of(any_for_configuration, is_held) ? std::nullopt
                                                          : lacking(granted, std::move(path), least_for_configuration);
}

/// The use of an interface's bridge. A bridge of the node is in the zone "localnetwork"; one of another zone goes by a
/// path that only the node knows.
[[nodiscard]] inline auto lacking_bridge(const proxmox::permissions& granted, const std::optional<std::string>& net)
    -> std::optional<lacks_privilege>
{
    const auto parts = net ? proxmox::split_properties(*net) : std::nullopt;
    const auto bridge = parts ? value_of(*parts, "bridge") : std::nullopt;
    if (!bridge) {
        return std::nullopt;
    }
    static constexpr auto local = std::string_view{"/sdn/zones/localnetwork"};
    const auto elsewhere = ranges::any_of(granted.paths, [](const proxmox::path_permissions& at) {
        return at.path.starts_with("/sdn/zones/") && !at.path.starts_with(local);
    });
    if (elsewhere) {
        return std::nullopt;
    }
    auto path = std::string{local} + "/" + std::string{*bridge};
    if (const auto tag = value_of(*parts, "tag")) {
        path += "/" + std::string{*tag};
    }
    return lacking(granted, std::move(path), "SDN.Use");
}

/// Tags that are reserved, added or taken away.
[[nodiscard]] inline auto changes_reserved_tag(const config_change& change, const proxmox::tag_access& access,
                                               const node_facts& facts) -> bool
{
    auto before = std::string{};
    normalize_tags(change.from.value_or(""), facts, before);
    const auto had = split_list(before);
    const auto will_have = split_list(change.normal);
    const auto reserved_beside = [&](const words& others) {
        return [&](std::string_view tag) { return !ranges::contains(others, tag) && !access.may_set(tag); };
    };
    return ranges::any_of(had, reserved_beside(will_have)) || ranges::any_of(will_have, reserved_beside(had));
}

} // namespace detail

/// The first privilege that a change needs and the token lacks.
[[nodiscard]] inline auto missing_for(const config_change& change, vmid id, const known_rights& rights,
                                      const node_facts& facts) -> std::optional<lacks_privilege>
{
    auto missing = detail::lacking(rights.granted, "/vms/" + id.text(), change.rule->privilege);
    if (!missing) {
        missing = detail::lacking_for_call(rights.granted, "/vms/" + id.text());
    }
    static constexpr auto sdn_since = pve_release{.major = 8, .minor = 0};
    if (!missing && change.rule->key == "net" && facts.release >= sdn_since) {
        missing = detail::lacking_bridge(rights.granted, change.from);
        if (!missing) {
            missing = detail::lacking_bridge(rights.granted, change.to);
        }
    }
    if (!missing && change.rule->key == "tags" && rights.tags
        && detail::changes_reserved_tag(change, *rights.tags, facts)) {
        missing = detail::lacking(rights.granted, "/", "Sys.Modify");
    }
    return missing;
}

} // namespace felhom::reconcile
