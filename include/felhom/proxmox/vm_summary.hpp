#pragma once

#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/guest_summary.hpp>
#include <felhom/proxmox/partial_list.hpp>
#include <felhom/proxmox/reply_node.hpp>

#include <tl/expected.hpp>

#include <optional>
#include <string>

namespace felhom::proxmox {

/// A virtual machine of a node, as far as it matters to know that it is there: this agent changes none.
struct vm_summary {
    vmid id;
    std::optional<std::string> name = std::nullopt;
    std::optional<power_state> power = std::nullopt; ///< nothing: the node says something else than these two

    friend auto operator==(const vm_summary&, const vm_summary&) -> bool = default;
};

[[nodiscard]] inline auto decode_vm_summary(const reply_node& row) -> tl::expected<vm_summary, decode_error>
{
    return decode_vmid(row["vmid"]).map([&](vmid id) {
        const auto power = decode_power_state(row["status"]);
        const auto name = row["name"].text();
        return vm_summary{.id = id,
                          .name = name ? std::optional{std::string{*name}} : std::nullopt,
                          .power = power ? std::optional{*power} : std::nullopt};
    });
}

/// The answer to read::virtual_machines, each row by itself.
[[nodiscard]] inline auto decode_vms(const reply_node& data) -> tl::expected<partial_list<vm_summary>, decode_error>
{
    return each_by_itself(decode_vm_summary)(data);
}

} // namespace felhom::proxmox
