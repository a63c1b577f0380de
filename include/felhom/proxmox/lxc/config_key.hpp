// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/lxc/completion.hpp>
#include <felhom/proxmox/lxc/consequence.hpp>
#include <felhom/proxmox/lxc/desired_check.hpp>
#include <felhom/proxmox/lxc/node_facts.hpp>
#include <felhom/proxmox/lxc/normal_form.hpp>
#include <felhom/proxmox/lxc/property_form.hpp>
#include <felhom/proxmox/lxc/value_kind.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace felhom::lxc {

/// Who may bring a difference about.
enum class management {
    planned,      ///< the plan does
    set_only,     ///< the plan may set it; taking it away lowers a guard and needs a signature
    nesting_only, ///< the plan does, where nothing but nesting differs and the guest is unprivileged
    root_only,    ///< no API token can (pve-api.md: literal user root@pam); reported
    immutable,    ///< nobody can, or nobody should, after creation; reported
    storage,      ///< it moves or frees volumes; needs a signature
    pve,          ///< PVE's own; cannot be desired
};

/// One row of the table of a container's configuration keys: first what Proxmox VE takes, then how this agent deals
/// with it.
struct config_key {
    std::string_view key;      ///< for an indexed key without its number: "net" for net0..net31
    std::uint16_t indices = 0; ///< how many there are of an indexed key; 0 for a plain one
    value_kind admits;
    bool deletable = true;
    pve_release since = {.major = 7, .minor = 0};
    std::string_view default_value = {}; ///< what its absence means, in normal form; empty: something of PVE's choice

    bool in_calls = true; ///< whether a configuration call of this agent may carry it
    desired_check desired = {};
    applies effect = applies::live;
    std::string_view privilege = {};      ///< on /vms/{vmid}
    std::string_view read_privilege = {}; ///< on /vms/{vmid}; without it Proxmox VE does not tell the key
    consequence weight = consequence::live;
    management managed = management::planned;
    normal_form normalize = usual_form_of(admits); ///< a property string has that of its properties
    completion complete = complete_nothing;
};

/// The format of a key whose values are property strings.
[[nodiscard]] inline auto format_of(const config_key& key) -> const property_string*
{
    return std::get_if<property_string>(&key.admits);
}

/// Appends the normal form of a key's value.
inline void normalize(const config_key& key, std::string_view text, const node_facts& facts, std::string& out)
{
    if (const auto* const format = format_of(key)) {
        normalize_properties(text, *format, facts, out);
    } else {
        key.normalize(text, facts, out);
    }
}

} // namespace felhom::lxc
