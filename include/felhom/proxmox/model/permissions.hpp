// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace felhom::proxmox {

struct held_privilege {
    std::string name;
    bool propagates; ///< also to the paths below

    friend auto operator==(const held_privilege&, const held_privilege&) -> bool = default;
};

struct path_permissions {
    std::string path;
    std::vector<held_privilege> privileges; ///< sorted by name

    friend auto operator==(const path_permissions&, const path_permissions&) -> bool = default;
};

/// What a token may do where.
struct permissions {
    std::vector<path_permissions> paths; ///< sorted by path

    /// The privileges held on a path: those listed for it, else those that come down from the nearest path above it
    /// that is listed.
    [[nodiscard]] auto on(std::string_view path) const -> std::vector<std::string>
    {
        auto names = std::vector<std::string>{};
        auto inherited = false;
        for (auto above = path; !above.empty();) {
            const auto listed = std::ranges::find(paths, above, &path_permissions::path);
            if (listed != paths.end()) {
                for (const auto& privilege : listed->privileges) {
                    if (!inherited || privilege.propagates) {
                        names.push_back(privilege.name);
                    }
                }
                return names;
            }
            inherited = true;
            const auto slash = above.rfind('/');
            if (above == "/" || slash == std::string_view::npos) {
                return names;
            }
            above = slash == 0 ? std::string_view{"/"} : above.substr(0, slash);
        }
        return names;
    }

    friend auto operator==(const permissions&, const permissions&) -> bool = default;
};

} // namespace felhom::proxmox
