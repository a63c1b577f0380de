// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace felhom::sim {

/// What PVE says against a value of a named format (pve-common JSONSchema.pm), or nothing if it is one. A format that
/// is not known here passes; a name ending in "-list" checks every element.
[[nodiscard]] auto refused_by_format(const std::string& format, std::string_view value) -> std::optional<std::string>;

} // namespace felhom::sim
