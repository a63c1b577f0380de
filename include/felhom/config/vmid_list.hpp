// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/core/vmid.hpp>

#include <string>
#include <vector>

namespace felhom::config {

/// "[101, 102]".
[[nodiscard]] inline auto shown(const std::vector<vmid>& ids) -> std::string
{
    auto text = std::string{};
    for (const auto id : ids) {
        text += (text.empty() ? "" : ", ") + id.text();
    }
    return "[" + text + "]";
}

} // namespace felhom::config
