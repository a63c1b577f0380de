// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/exit_code.hpp>
#include <felhom/core/host_id.hpp>
#include <felhom/core/vmid.hpp>
#include <felhom/proxmox/model/config_digest.hpp>
#include <felhom/proxmox/model/disk.hpp>
#include <felhom/reconcile/actual/knowledge.hpp>

#include <optional>
#include <string>
#include <string_view>

// Why a volume whose size is not as desired is left as it is.
namespace felhom::reconcile {

/// This host lets no plan grow a volume.
struct growth_not_allowed {
    vmid guest;
    proxmox::disk_slot disk;
    proxmox::disk_size to;
    proxmox::config_digest digest; ///< of the configuration that the signer should have seen
    std::optional<host_id> host;   ///< nothing: this host's configuration does not say how operators name it

    static constexpr auto code = std::string_view{"growth_not_allowed"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto tells = knowledge::differs;
    /// The command that signs it.
    [[nodiscard]] auto signing_line() const -> std::string
    {
        return "felhom-sign guest resize --host " + (host ? host->text() : std::string{"HOST-ID"}) + " --guest "
               + guest.text() + " --expect-digest " + digest.text() + R"( --params '{"disk":")" + disk.text()
               + R"(","size":")" + to.text() + R"("}' --key KEY --out resize-)" + guest.text() + "-" + disk.text()
               + ".bundle";
    }
    [[nodiscard]] static auto sentence() -> std::string
    {
        return "it grows once reconcile.allow_grow is set, or under an operator's signature";
    }
    [[nodiscard]] auto describe() const -> std::string { return sentence() + ": " + signing_line(); }
    friend auto operator==(const growth_not_allowed&, const growth_not_allowed&) -> bool = default;
};
struct never_shrinks {
    proxmox::disk_size is;

    static constexpr auto code = std::string_view{"never_shrinks"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto tells = knowledge::differs;
    [[nodiscard]] auto describe() const -> std::string
    {
        return "no volume is ever shrunk, under no signature either: it has " + is.text() + ", so desire at least that";
    }
    friend auto operator==(const never_shrinks&, const never_shrinks&) -> bool = default;
};
/// Proxmox VE grows the volume that is in force, and what waits would still have the old size.
struct growth_waits {
    static constexpr auto code = std::string_view{"growth_waits"};
    static constexpr auto exit_status = exit_code::refused;
    static constexpr auto tells = knowledge::differs;
    static constexpr auto description = std::string_view{
        "a change of this volume waits for the guest's next start: it can be grown once that is in force"};
    friend auto operator==(const growth_waits&, const growth_waits&) -> bool = default;
};

} // namespace felhom::reconcile
