// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/enum_table.hpp>

#include <array>

namespace felhom::proxmox {

enum class power_state { running, stopped };

inline constexpr auto power_state_words =
    enum_table{std::array{enum_word{power_state::running, "running"}, enum_word{power_state::stopped, "stopped"}}};

} // namespace felhom::proxmox
