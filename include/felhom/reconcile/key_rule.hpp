#pragma once

#include <felhom/proxmox/config_parameter.hpp>
#include <felhom/reconcile/completion.hpp>
#include <felhom/reconcile/consequence.hpp>
#include <felhom/reconcile/node_facts.hpp>
#include <felhom/reconcile/normal_form.hpp>
#include <felhom/reconcile/property_form.hpp>
#include <felhom/reconcile/value_check.hpp>

#include <cstdint>
#include <string_view>
#include <variant>

namespace felhom::reconcile {

/// What a desired value may be, and how it is written in a form.
struct boolean_value {};
struct integer_value {
    std::int64_t least;
    std::int64_t greatest;
};
struct number_value {
    double least;
    double greatest;
};
struct text_value {
    text_check check;
};
using value_type = std::variant<boolean_value, integer_value, number_value, text_value>;

/// When a write takes effect in a running guest (pve-container PVE/LXC/Config.pm, vmconfig_hotplug_pending).
enum class applies {
    live,
    pending, ///< at the next start
};

/// Who may bring a difference about.
enum class management {
    planned,      ///< the plan does
    planned_up,   ///< the plan may set it; taking it away lowers a guard and needs a signature
    nesting_only, ///< the plan does, where nothing but nesting differs and the guest is unprivileged
    root_only,    ///< no API token can (pve-api.md: literal user root@pam); reported
    immutable,    ///< nobody can, or nobody should, after creation; reported
    storage,      ///< it moves or frees volumes; needs a signature
    pve,          ///< PVE's own; cannot be desired
};

/// One row of the table of guest configuration keys.
struct key_rule {
    std::string_view key;      ///< for an indexed key without its number: "net" for net0..net31
    std::uint16_t indices = 0; ///< how many there are of an indexed key; 0 for a plain one
    value_type type;
    std::string_view default_value = {}; ///< what its absence means, in normal form; empty: something of PVE's choice
    bool deletable = true;
    applies effect = applies::live;
    std::string_view privilege = {}; ///< on /vms/{vmid}
    consequence weight = consequence::live;
    management managed = management::planned;
    normal_form normalize = normalize_verbatim;
    completion complete = complete_nothing;
    pve_release since = {.major = 7, .minor = 0};
    std::string_view read_privilege = {};    ///< on /vms/{vmid}; without it Proxmox VE does not tell the key
    const property_format* format = nullptr; ///< of a property string
    /// What a call admits for a key that the standard calls do not carry; a standard key has its own.
    const proxmox::config_parameter* parameter = nullptr;
};

/// What a call admits for a key; nothing for one that no call of this agent carries.
[[nodiscard]] inline auto parameter_of(const key_rule& rule, std::string_view key) -> const proxmox::config_parameter*
{
    return rule.parameter != nullptr ? rule.parameter : proxmox::find_config_parameter(key);
}

} // namespace felhom::reconcile
