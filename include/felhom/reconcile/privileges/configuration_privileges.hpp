// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace felhom::reconcile {

/// A change of a configuration needs one of these for the call itself, whatever its key needs beside (pve-container
/// PVE/API2/LXC/Config.pm, update_vm).
inline constexpr auto any_for_configuration = std::array<std::string_view, 5>{
    "VM.Config.CPU", "VM.Config.Disk", "VM.Config.Memory", "VM.Config.Network", "VM.Config.Options"};

/// That of them that allows the least harm.
inline constexpr auto least_for_configuration = std::string_view{"VM.Config.Options"};

} // namespace felhom::reconcile
