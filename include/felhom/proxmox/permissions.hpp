#pragma once

#include <felhom/proxmox/reply_node.hpp>

#include <boost/json/object.hpp>
#include <tl/expected.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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

/// The answer to read::permissions. A privilege that is named is held, whatever its number: that only tells whether it
/// propagates, and one that does not tell it does not. A path that is told in no way that is understood gives nothing.
[[nodiscard]] inline auto decode_permissions(const reply_node& data) -> tl::expected<permissions, decode_error>
{
    const auto* const object = data.if_object();
    if (object == nullptr) {
        return tl::unexpected(data.fail("an object"));
    }
    auto all = permissions{.paths = {}};
    for (const auto& [path, value] : *object) {
        const auto node = data.member(path, value);
        auto here = path_permissions{.path = std::string{path}, .privileges = {}};
        if (const auto* const privileges = node.if_object()) {
            for (const auto& [name, propagates] : *privileges) {
                here.privileges.push_back(held_privilege{
                    .name = std::string{name}, .propagates = node.member(name, propagates).flag().value_or(false)});
            }
        }
        std::ranges::sort(here.privileges, {}, &held_privilege::name);
        all.paths.push_back(std::move(here));
    }
    std::ranges::sort(all.paths, {}, &path_permissions::path);
    return all;
}

} // namespace felhom::proxmox
