// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "agent/setup/console.hpp"
#include "agent/setup/session.hpp"

#include <felhom/config/layered.hpp>
#include <felhom/config/setting.hpp>
#include <felhom/core/exit_code.hpp>

#include <string_view>

namespace felhom::agent {

/// The formats of what the two print with --json; a member may be added under the same version, none is removed or
/// changed.
inline constexpr auto config_check_schema = std::string_view{"felhom-config-check/1"};
inline constexpr auto config_show_schema = std::string_view{"felhom-config-show/1"};

/// Says what is wrong with a configuration that could not even be read: one line a fault.
[[nodiscard]] auto run_config_check(const startup_errors& unread, const console& to) -> exit_code;

/// Says what is wrong with the settings of these parts, and in `files`, the lines that tell of what they name.
[[nodiscard]] auto run_config_check(const config::layered& from, config::part parts, const startup_errors& files,
                                    const console& to) -> exit_code;

/// Prints every setting, its value and where it comes from; never a secret.
[[nodiscard]] auto run_config_show(const config::layered& from, const console& to) -> exit_code;

} // namespace felhom::agent
